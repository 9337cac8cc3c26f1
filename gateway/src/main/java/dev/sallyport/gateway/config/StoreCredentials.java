package dev.sallyport.gateway.config;

import dev.sallyport.kms.crypto.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The gateway's own credentials at the store. A class and no record, since it holds a secret. */
public final class StoreCredentials implements AutoCloseable {
    /** Names the access key id where no file does. */
    public static final String ACCESS_KEY = "SALLYPORT_STORE_ACCESS_KEY";

    /** Names the secret key where no file does. */
    public static final String SECRET_KEY = "SALLYPORT_STORE_SECRET_KEY";

    private static final int MAX_LENGTH = 1024;

    private final String accessKeyId;
    private final SecretBytes secretKey;

    private StoreCredentials(String accessKeyId, SecretBytes secretKey) {
        this.accessKeyId = accessKeyId;
        this.secretKey = secretKey;
    }

    /**
     * From the files that the configuration names, else from the environment.
     *
     * @throws IOException with a line that says what is missing
     */
    public static StoreCredentials of(StoreConfig store, Map<String, String> environment) throws IOException {
        Path accessKeyFile = store.accessKeyFile();
        Path secretKeyFile = store.secretKeyFile();
        if (accessKeyFile != null && secretKeyFile != null) {
            return new StoreCredentials(
                    new String(line(accessKeyFile), StandardCharsets.UTF_8), SecretBytes.takeOver(line(secretKeyFile)));
        }
        String accessKey = environment.get(ACCESS_KEY);
        String secretKey = environment.get(SECRET_KEY);
        if (accessKey == null || accessKey.isBlank() || secretKey == null || secretKey.isBlank()) {
            throw new IOException("no credentials for the store: set store.accessKeyFile and store.secretKeyFile, or "
                    + ACCESS_KEY + " and " + SECRET_KEY);
        }
        return new StoreCredentials(
                accessKey.strip(), SecretBytes.takeOver(secretKey.strip().getBytes(StandardCharsets.UTF_8)));
    }

    public String accessKeyId() {
        return accessKeyId;
    }

    /** Closed with this object. */
    public SecretBytes secretKey() {
        return secretKey;
    }

    @Override
    public void close() {
        secretKey.close();
    }

    @Override
    public String toString() {
        return "StoreCredentials[" + accessKeyId + ", redacted]";
    }

    private static byte[] line(Path file) throws IOException {
        byte[] bytes;
        try {
            if (Files.size(file) > MAX_LENGTH) {
                throw new IOException("over " + MAX_LENGTH + " bytes, so no key of the store: " + file);
            }
            bytes = Files.readAllBytes(file);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("no such file: " + file, e);
        }
        int length = bytes.length;
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
            length--;
        }
        if (length == 0) {
            throw new IOException("empty: " + file);
        }
        byte[] line = java.util.Arrays.copyOf(bytes, length);
        java.util.Arrays.fill(bytes, (byte) 0);
        return line;
    }
}
