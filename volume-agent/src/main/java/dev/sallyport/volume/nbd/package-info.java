/** The network block device protocol: handshake, then transmission. */
@NullMarked
package dev.sallyport.volume.nbd;

import org.jspecify.annotations.NullMarked;
