package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.S3Store;

/** Conditional writes over the embedded store. */
class EmbeddedConditionalWriteIT extends ConditionalWriteSuite {
    @Override
    S3Store openStore() {
        return new EmbeddedS3Store();
    }
}
