package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.BucketRequest;

/** HeadBucket: whether the bucket is there, and its region. */
public final class HeadBucket implements S3Operation<BucketRequest.HeadBucket> {
    private final BucketStore store;
    private final Account account;

    public HeadBucket(BucketStore store, Account account) {
        this.store = store;
        this.account = account;
    }

    @Override
    public void handle(S3Call call, BucketRequest.HeadBucket request) {
        store.requireBucket(call, request.bucket());
        call.respond(200, account.bucketHeaders(request.bucket()));
    }
}
