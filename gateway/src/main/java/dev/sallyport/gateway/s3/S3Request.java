package dev.sallyport.gateway.s3;

/**
 * A request that the gateway implements, parsed and validated as far as its head allows. Whatever else S3 has is refused by
 * the parser, by name.
 */
public sealed interface S3Request permits ServiceRequest, BucketRequest, ObjectRequest, UploadRequest {}
