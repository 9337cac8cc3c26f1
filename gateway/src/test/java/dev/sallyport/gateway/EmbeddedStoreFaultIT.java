package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.S3Store;

/** Faults of the embedded store. */
class EmbeddedStoreFaultIT extends StoreFaultSuite {
    @Override
    S3Store openStore() {
        return new EmbeddedS3Store();
    }
}
