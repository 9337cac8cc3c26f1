/** S3's language: sealed requests and their parser, errors, XML. No I/O. */
@NullMarked
package dev.sallyport.gateway.s3;

import org.jspecify.annotations.NullMarked;
