package dev.sallyport.gateway;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.S3Store;

/** Copies through the gateway over the embedded store. */
class EmbeddedCopyStreamIT extends CopyStreamSuite {
    @Override
    S3Store openStore() {
        return new EmbeddedS3Store();
    }
}
