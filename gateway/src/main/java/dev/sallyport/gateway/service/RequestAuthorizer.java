package dev.sallyport.gateway.service;

import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.S3Request;

/** Decides whether the caller may make a request. */
public interface RequestAuthorizer {
    /** @throws dev.sallyport.gateway.s3.S3Exception {@code AccessDenied} */
    void authorize(S3Call call, S3Request request);

    /** Whether the caller may learn which keys a bucket has, and so that one is missing. */
    boolean mayList(S3Call call, String bucket);
}
