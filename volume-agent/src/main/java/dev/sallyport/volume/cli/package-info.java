/** The command line of {@code sallyport-volume}. */
@NullMarked
package dev.sallyport.volume.cli;

import org.jspecify.annotations.NullMarked;
