package dev.sallyport.volume.cli;

import dev.sallyport.kms.client.LocalKmsAccess;
import dev.sallyport.kms.client.RemoteKmsAccess;
import dev.sallyport.kms.remote.RemoteKmsOptions;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.volume.keys.VolumeKeys;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the KMS is: an endpoint, AWS itself, or a key store on this host. */
final class KmsOptions {
    private static final String DEFAULT_REGION = "us-east-1";
    private static final String USER_AGENT = "sallyport-volume";

    @Option(
            names = "--kms-endpoint",
            paramLabel = "URL",
            description = "The KMS endpoint of a gateway; else SALLYPORT_KMS_ENDPOINT, AWS_ENDPOINT_URL, or AWS itself."
                    + " Credentials come from the environment or ~/.aws, as for the AWS CLI.")
    private @Nullable URI endpoint;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "Region of the key; else that of its ARN, AWS_REGION, or us-east-1.")
    private @Nullable String region;

    @Option(
            names = "--keystore",
            paramLabel = "DIR",
            description = "Key store on this host that no other process owns, instead of an endpoint. Its passphrase:"
                    + " SALLYPORT_PASSPHRASE_FILE, SALLYPORT_PASSPHRASE or SALLYPORT_KEY_FILE.")
    private @Nullable Path keyStore;

    @Option(
            names = "--principal",
            paramLabel = "NAME",
            description = "With --keystore: the principal whose policies decide.")
    private @Nullable String principal;

    @Option(
            names = "--keystore-passphrase-file",
            paramLabel = "FILE",
            description = "With --keystore: its passphrase, instead of the environment's.")
    private @Nullable Path passphraseFile;

    @Option(
            names = "--keystore-key-file",
            paramLabel = "FILE",
            description = "With --keystore: its key file, instead of the environment's.")
    private @Nullable Path keyFile;

    /** Whether the command line or the environment names a KMS. */
    boolean given() {
        return endpoint != null
                || keyStore != null
                || System.getenv("SALLYPORT_KMS_ENDPOINT") != null
                || System.getenv("AWS_ENDPOINT_URL") != null;
    }

    /** @param key an ARN says the region too */
    VolumeKeys open(String key) {
        String chosen = regionOf(key);
        if (keyStore != null) {
            if (endpoint != null || principal == null) {
                throw new CommandFailedException(
                        ExitCode.USAGE, "--keystore goes with --principal, and without --kms-endpoint");
            }
            return new VolumeKeys(new LocalKmsAccess(keyStore, principal, chosen, USER_AGENT, this::secret));
        }
        if (principal != null) {
            throw new CommandFailedException(ExitCode.USAGE, "--principal goes with --keystore");
        }
        try {
            URI url = endpoint;
            String environment = System.getenv("SALLYPORT_KMS_ENDPOINT");
            if (url == null && environment != null) {
                url = URI.create(environment);
            }
            return new VolumeKeys(new RemoteKmsAccess(
                    new RemoteKmsOptions(url, chosen, RemoteKmsOptions.ATTEMPT_TIMEOUT), chosen, USER_AGENT));
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.USAGE, "the KMS endpoint or region is malformed");
        }
    }

    private String regionOf(String key) {
        String[] parts = key.split(":", -1);
        if (region != null) {
            return region;
        }
        if (key.startsWith("arn:") && parts.length > 5 && !parts[3].isEmpty()) {
            return parts[3];
        }
        for (String name : new String[] {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
            String value = System.getenv(name);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return DEFAULT_REGION;
    }

    private SealSecret secret() {
        if (passphraseFile != null) {
            return SealSecret.passphraseFile(passphraseFile);
        }
        if (keyFile != null) {
            return SealSecret.keyFile(keyFile);
        }
        String file = System.getenv("SALLYPORT_PASSPHRASE_FILE");
        if (file != null) {
            return SealSecret.passphraseFile(Path.of(file));
        }
        String passphrase = System.getenv("SALLYPORT_PASSPHRASE");
        if (passphrase != null) {
            return SealSecret.passphrase(passphrase.getBytes(StandardCharsets.UTF_8));
        }
        file = System.getenv("SALLYPORT_KEY_FILE");
        if (file != null) {
            return SealSecret.keyFile(Path.of(file));
        }
        throw new CommandFailedException(
                ExitCode.WRONG_SECRET,
                "no passphrase of the key store given: set SALLYPORT_PASSPHRASE_FILE, SALLYPORT_PASSPHRASE"
                        + " or SALLYPORT_KEY_FILE");
    }
}
