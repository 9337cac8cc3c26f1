package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;

/** Faults of a real MinIO. */
class MinioStoreFaultIT extends StoreFaultSuite {
    @Override
    S3Store openStore() {
        return MinioStore.openOrSkip();
    }
}
