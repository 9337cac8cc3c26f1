/** Encrypts what is already in a bucket, in place, through a gateway's own S3 endpoint, as any client could. */
@NullMarked
package dev.sallyport.gateway.reencrypt;

import org.jspecify.annotations.NullMarked;
