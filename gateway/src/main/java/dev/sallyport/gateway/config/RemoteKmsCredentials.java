package dev.sallyport.gateway.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The gateway's own credentials at a remote KMS, read anew for each call, so that they may be replaced while it runs. */
public final class RemoteKmsCredentials {
    private static final int MAX_LENGTH = 1024;

    private RemoteKmsCredentials() {}

    /**
     * From the files that the configuration names, else from the AWS SDK's chain: environment, {@code ~/.aws}, role.
     *
     * @throws IOException with a line that says what is missing
     */
    public static AwsCredentialsProvider of(RemoteKmsConfig config) throws IOException {
        Path accessKey = config.accessKeyFile();
        Path secretKey = config.secretKeyFile();
        if (accessKey == null || secretKey == null) {
            return DefaultCredentialsProvider.builder().build();
        }
        read(accessKey, secretKey);
        return () -> {
            try {
                return read(accessKey, secretKey);
            } catch (IOException e) {
                throw SdkClientException.create(String.valueOf(e.getMessage()));
            }
        };
    }

    private static AwsCredentials read(Path accessKey, Path secretKey) throws IOException {
        return AwsBasicCredentials.create(line(accessKey), line(secretKey));
    }

    private static String line(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("cannot read " + file);
        }
        if (Files.size(file) > MAX_LENGTH) {
            throw new IOException("over " + MAX_LENGTH + " bytes, so no key of a KMS: " + file);
        }
        String line = new String(Files.readAllBytes(file), StandardCharsets.US_ASCII).strip();
        if (line.isEmpty()) {
            throw new IOException("empty: " + file);
        }
        return line;
    }
}
