package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.s3.S3Request;

/**
 * One operation of S3. It runs on a virtual thread, after authentication and authorisation, blocks as it needs, and answers
 * the exchange exactly once; or it throws, before it has answered, what the dispatcher makes an error of: {@link
 * dev.sallyport.gateway.s3.S3Exception}, {@link dev.sallyport.kms.KmsException}, {@link
 * dev.sallyport.gateway.backend.BackendUnavailableException}.
 */
@FunctionalInterface
public interface S3Operation<R extends S3Request> {
    void handle(S3Call call, R request);
}
