package dev.sallyport.gateway.service;

import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.S3Request;

/** Decides whether the caller may make a request. */
@FunctionalInterface
public interface RequestAuthorizer {
    /** @throws dev.sallyport.gateway.s3.S3Exception {@code AccessDenied} */
    void authorize(S3Call call, S3Request request);
}
