package dev.sallyport.gateway.cli;

import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.client.LocalKmsAccess;
import dev.sallyport.kms.client.RemoteKmsAccess;
import dev.sallyport.kms.remote.RemoteKmsOptions;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the KMS of a command is: an endpoint or AWS itself, a key store on this host, or both. */
final class KmsOptions {
    private static final String DEFAULT_REGION = "us-east-1";
    private static final String USER_AGENT = "sallyport";

    @Option(
            names = "--kms-endpoint",
            paramLabel = "URL",
            description = "The KMS endpoint of a gateway; else SALLYPORT_KMS_ENDPOINT, AWS_ENDPOINT_URL, or AWS itself."
                    + " Credentials come from the environment or ~/.aws, as for the AWS CLI.")
    private @Nullable URI endpoint;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "Region of the keys; else that of a key's ARN, AWS_REGION, or us-east-1.")
    private @Nullable String region;

    @Option(
            names = "--keystore",
            paramLabel = "DIR",
            description = "Key store on this host that no other process owns, instead of an endpoint, or besides. Its"
                    + " passphrase: SALLYPORT_PASSPHRASE_FILE, SALLYPORT_PASSPHRASE or SALLYPORT_KEY_FILE.")
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

    boolean namesKeyStore() {
        if ((keyStore == null) != (principal == null)) {
            throw new CommandFailedException(ExitCode.USAGE, "--keystore and --principal go together");
        }
        return keyStore != null;
    }

    /** Whether the command line, or the environment, says where a KMS answers. */
    boolean namesEndpoint() {
        return endpoint != null
                || environment("SALLYPORT_KMS_ENDPOINT") != null
                || environment("AWS_ENDPOINT_URL") != null;
    }

    /** Whether the command line itself says where a KMS answers. */
    boolean asksForEndpoint() {
        return endpoint != null;
    }

    /** @param key an ARN says the region too */
    KmsAccess keyStore(String key) {
        if (!namesKeyStore() || keyStore == null || principal == null) {
            throw new CommandFailedException(ExitCode.USAGE, "keystore:KEY needs --keystore and --principal");
        }
        return new LocalKmsAccess(
                keyStore,
                principal,
                regionOf(key),
                USER_AGENT,
                () -> SecretOptions.secret(passphraseFile, keyFile, System.getenv()));
    }

    /** @param key an ARN says the region too */
    KmsAccess endpoint(String key) {
        String chosen = regionOf(key);
        try {
            URI url = endpoint;
            String environment = environment("SALLYPORT_KMS_ENDPOINT");
            if (url == null && environment != null) {
                url = URI.create(environment);
            }
            return new RemoteKmsAccess(
                    new RemoteKmsOptions(url, chosen, RemoteKmsOptions.ATTEMPT_TIMEOUT), chosen, USER_AGENT);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.USAGE, "the KMS endpoint or region is malformed");
        }
    }

    /** The region of a key of that name. */
    String regionOf(String key) {
        if (region != null) {
            return region;
        }
        String[] parts = key.split(":", -1);
        if (key.startsWith("arn:") && parts.length > 5 && !parts[3].isEmpty()) {
            return parts[3];
        }
        for (String name : new String[] {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
            String value = environment(name);
            if (value != null) {
                return value;
            }
        }
        return DEFAULT_REGION;
    }

    private static @Nullable String environment(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
