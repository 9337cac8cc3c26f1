package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ContentFacts;
import io.netty.handler.codec.http.HttpHeaders;

/** The headers that carry an object's checksums. */
public final class ChecksumHeaders {
    private ChecksumHeaders() {}

    /** @param parts the number of parts that a composite checksum is made of */
    public static void add(HttpHeaders headers, ContentFacts facts, int parts) {
        for (ContentFacts.Checksum checksum : facts.checksums()) {
            headers.set(
                    checksum.algorithm().header(),
                    checksum.composite() ? checksum.value() + '-' + parts : checksum.value());
            headers.set("x-amz-checksum-type", checksum.composite() ? "COMPOSITE" : "FULL_OBJECT");
        }
    }
}
