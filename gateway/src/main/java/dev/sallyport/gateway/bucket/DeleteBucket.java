package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.BucketRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;

/** DeleteBucket, with its settings. */
public final class DeleteBucket implements S3Operation<BucketRequest.DeleteBucket> {
    private final BucketStore store;
    private final BucketSettingsStore settings;

    public DeleteBucket(BucketStore store, BucketSettingsStore settings) {
        this.store = store;
        this.settings = settings;
    }

    @Override
    public void handle(S3Call call, BucketRequest.DeleteBucket request) {
        String bucket = request.bucket();
        BackendResponse response = store.execute(call, "DELETE", bucket, null);
        if (response.status() / 100 != 2) {
            throw StoreErrors.of(response, bucket, null);
        }
        response.close();
        settings.remove(bucket);
        call.respond(204, new DefaultHttpHeaders());
    }
}
