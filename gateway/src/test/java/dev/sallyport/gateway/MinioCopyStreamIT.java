package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;

/** Copies through the gateway over a real MinIO. */
class MinioCopyStreamIT extends CopyStreamSuite {
    @Override
    S3Store openStore() {
        return MinioStore.openOrSkip();
    }
}
