package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An access key as {@code sallyport principal add} writes it. A class, since a record would print its secret. */
final class Credentials {
    private final String accessKeyId;
    private final String secretAccessKey;

    private Credentials(String accessKeyId, String secretAccessKey) {
        this.accessKeyId = accessKeyId;
        this.secretAccessKey = secretAccessKey;
    }

    /** Reads a credentials file of the AWS form. */
    static Credentials read(Path file) throws IOException {
        return new Credentials(value(file, "aws_access_key_id"), value(file, "aws_secret_access_key"));
    }

    private static String value(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file)) {
            int equals = line.indexOf('=');
            if (equals > 0 && line.substring(0, equals).strip().equals(name)) {
                return line.substring(equals + 1).strip();
            }
        }
        throw new QuickstartException(file + " does not name " + name);
    }

    String accessKeyId() {
        return accessKeyId;
    }

    String secretAccessKey() {
        return secretAccessKey;
    }
}
