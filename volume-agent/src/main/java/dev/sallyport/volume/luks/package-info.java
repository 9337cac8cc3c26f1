/** The LUKS2 on-disk format: header, token, keyslot, digest, and XTS sectors. */
@NullMarked
package dev.sallyport.volume.luks;

import org.jspecify.annotations.NullMarked;
