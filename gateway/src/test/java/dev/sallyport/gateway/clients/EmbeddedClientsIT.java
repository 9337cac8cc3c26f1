package dev.sallyport.gateway.clients;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.S3Store;

/** The clients over the embedded store. */
class EmbeddedClientsIT extends ClientsSuite {
    @Override
    S3Store openStore() {
        return new EmbeddedS3Store();
    }
}
