package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Recorded facts about the real KMS, from the folder that {@code SALLYPORT_ORACLES} names; without it tests are skipped. */
final class Oracle {
    private Oracle() {}

    static JsonNode recordings() {
        return read("kms.recorded.json");
    }

    static JsonNode model() {
        return read("kms.service-2.json");
    }

    private static JsonNode read(String file) {
        String oracles = System.getenv("SALLYPORT_ORACLES");
        Assumptions.assumeTrue(oracles != null, "SALLYPORT_ORACLES is not set: no " + file);
        try {
            return KmsFixture.JSON.readTree(Files.readAllBytes(Path.of(String.valueOf(oracles), "aws", file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
