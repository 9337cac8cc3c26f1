/** Volume keys: made, opened and watched at the KMS. */
@NullMarked
package dev.sallyport.volume.keys;

import org.jspecify.annotations.NullMarked;
