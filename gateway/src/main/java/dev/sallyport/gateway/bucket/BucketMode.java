package dev.sallyport.gateway.bucket;

/** What is made of objects that are not the gateway's. */
public enum BucketMode {
    /** They are listed as they are stored, and never served. */
    STRICT,
    /** An operator's choice for buckets that held objects before: they are served as they are. */
    MIXED
}
