package dev.sallyport.kms.crypto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Assumptions;

/** Vectors of Project Wycheproof, from the folder that {@code SALLYPORT_ORACLES} names; without it the test is skipped. */
final class Wycheproof {
    private Wycheproof() {}

    /** Gives each test with its group to {@code check}, and answers how many there were. */
    static int forEach(String file, BiConsumer<JsonNode, JsonNode> check) {
        String oracles = System.getenv("SALLYPORT_ORACLES");
        Assumptions.assumeTrue(oracles != null, "SALLYPORT_ORACLES is not set: no Wycheproof vectors");
        Path path = Path.of(String.valueOf(oracles), "wycheproof", file);
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int count = 0;
        for (JsonNode group : root.get("testGroups")) {
            for (JsonNode test : group.get("tests")) {
                try {
                    check.accept(group, test);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(
                            file + " " + test.get("tcId") + ": "
                                    + test.get("comment").asText(),
                            e);
                }
                count++;
            }
        }
        return count;
    }

    static byte[] bytes(JsonNode node, String field) {
        return HexFormat.of().parseHex(node.get(field).asText());
    }

    static boolean valid(JsonNode test) {
        return !test.get("result").asText().equals("invalid");
    }
}
