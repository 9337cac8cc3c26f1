/** One image file with its header, key and data, opened as a volume. */
@NullMarked
package dev.sallyport.volume.image;

import org.jspecify.annotations.NullMarked;
