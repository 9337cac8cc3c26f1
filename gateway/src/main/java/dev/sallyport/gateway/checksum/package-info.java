/** The checksums that S3 clients send and ask for: names, computation, native where there is one. */
@NullMarked
package dev.sallyport.gateway.checksum;

import org.jspecify.annotations.NullMarked;
