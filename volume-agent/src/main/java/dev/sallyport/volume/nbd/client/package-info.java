/** A blocking NBD client: what importing from and exporting to other servers need. */
@NullMarked
package dev.sallyport.volume.nbd.client;

import org.jspecify.annotations.NullMarked;
