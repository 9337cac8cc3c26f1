package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.XmlWriter;

/** GetBucketLocation: the installation's region, which is empty for AWS's first one. */
public final class GetBucketLocation implements S3Operation<BucketRequest.GetBucketLocation> {
    private final BucketStore store;
    private final Account account;

    public GetBucketLocation(BucketStore store, Account account) {
        this.store = store;
        this.account = account;
    }

    @Override
    public void handle(S3Call call, BucketRequest.GetBucketLocation request) {
        store.requireBucket(call, request.bucket());
        String region = account.region();
        call.respondXml(XmlWriter.document("LocationConstraint").text(region.equals("us-east-1") ? "" : region));
    }
}
