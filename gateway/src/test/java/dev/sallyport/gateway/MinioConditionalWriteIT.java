package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;

/** Conditional writes over a real MinIO. */
class MinioConditionalWriteIT extends ConditionalWriteSuite {
    @Override
    S3Store openStore() {
        return MinioStore.openOrSkip();
    }
}
