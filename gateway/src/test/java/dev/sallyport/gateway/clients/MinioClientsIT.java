package dev.sallyport.gateway.clients;

import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;

/** The clients over a real MinIO. */
class MinioClientsIT extends ClientsSuite {
    @Override
    S3Store openStore() {
        return MinioStore.openOrSkip();
    }
}
