/** Copies volumes in and out: resumable after an interruption, compared at the end. */
@NullMarked
package dev.sallyport.volume.transfer;

import org.jspecify.annotations.NullMarked;
