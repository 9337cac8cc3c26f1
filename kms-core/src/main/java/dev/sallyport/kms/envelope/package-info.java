/**
 * Data encrypted under a data key: the segmented stream, its arithmetic and the commitment to a data key; and envelopes, files
 * that carry their data key, wrapped under one or several master keys.
 */
@NullMarked
package dev.sallyport.kms.envelope;

import org.jspecify.annotations.NullMarked;
