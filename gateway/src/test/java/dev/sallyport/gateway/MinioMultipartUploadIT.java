package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;

/** Multipart uploads over a real MinIO. */
class MinioMultipartUploadIT extends MultipartUploadSuite {
    @Override
    S3Store openStore() {
        return MinioStore.openOrSkip();
    }
}
