package dev.sallyport.examples.quickstart;

import java.net.URI;

/** The S3 store behind the gateway, as the quickstart reaches it past the gateway's back. */
interface Store extends AutoCloseable {
    /** Its address. */
    URI endpoint();

    /** The access key id that the gateway uses. */
    String accessKey();

    /** The secret of {@link #accessKey()}. */
    String secretKey();

    /** What to call it when talking to a person. */
    String description();

    @Override
    void close();
}
