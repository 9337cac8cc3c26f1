/** From a write's headers and its bucket's default to the encryption that it gets; KMS errors as S3 shows them. */
@NullMarked
package dev.sallyport.gateway.sse;

import org.jspecify.annotations.NullMarked;
