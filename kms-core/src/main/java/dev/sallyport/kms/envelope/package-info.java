/** Data encrypted under a data key: the segmented stream, its arithmetic, and the commitment to a data key. */
@NullMarked
package dev.sallyport.kms.envelope;

import org.jspecify.annotations.NullMarked;
