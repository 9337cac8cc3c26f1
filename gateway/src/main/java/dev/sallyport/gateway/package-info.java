/** The S3 proxy, and the AWS-protocol endpoint of the KMS; this package wires them together. */
@NullMarked
package dev.sallyport.gateway;

import org.jspecify.annotations.NullMarked;
