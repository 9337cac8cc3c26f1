package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.S3Store;

/** Multipart uploads over the embedded store. */
class EmbeddedMultipartUploadIT extends MultipartUploadSuite {
    @Override
    S3Store openStore() {
        return new EmbeddedS3Store();
    }
}
