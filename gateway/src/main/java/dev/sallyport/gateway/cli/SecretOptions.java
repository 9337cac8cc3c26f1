package dev.sallyport.gateway.cli;

import dev.sallyport.kms.seal.SealSecret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where the secret that opens the key store comes from: a file or the environment, never the command line, which everybody
 * on the machine can read.
 */
public final class SecretOptions {
    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Passphrase in a file; else SALLYPORT_PASSPHRASE_FILE, else SALLYPORT_PASSPHRASE.")
    private @Nullable Path passphraseFile;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "Key file of 32 bytes, mode 0600; else SALLYPORT_KEY_FILE.")
    private @Nullable Path keyFile;

    /**
     * The secret; the caller closes it.
     *
     * @throws dev.sallyport.kms.seal.SealException when it cannot be read
     * @throws CommandFailedException when none is named
     */
    public SealSecret secret() {
        return secret(passphraseFile, keyFile, System.getenv());
    }

    /**
     * The secret that options or environment name; options come first.
     *
     * @param environment such as {@link System#getenv()}
     */
    public static SealSecret secret(
            @Nullable Path passphraseFile, @Nullable Path keyFile, Map<String, String> environment) {
        if (passphraseFile != null && keyFile != null) {
            throw new CommandFailedException(ExitCode.USAGE, "name either --passphrase-file or --key-file, not both");
        }
        if (passphraseFile != null) {
            return SealSecret.passphraseFile(passphraseFile);
        }
        if (keyFile != null) {
            return SealSecret.keyFile(keyFile);
        }
        String file = environment.get("SALLYPORT_PASSPHRASE_FILE");
        if (file != null) {
            return SealSecret.passphraseFile(Path.of(file));
        }
        String passphrase = environment.get("SALLYPORT_PASSPHRASE");
        if (passphrase != null) {
            return SealSecret.passphrase(passphrase.getBytes(StandardCharsets.UTF_8));
        }
        file = environment.get("SALLYPORT_KEY_FILE");
        if (file != null) {
            return SealSecret.keyFile(Path.of(file));
        }
        throw new CommandFailedException(
                ExitCode.WRONG_SECRET,
                "no passphrase given: use --passphrase-file, --key-file, or the environment"
                        + " (SALLYPORT_PASSPHRASE_FILE, SALLYPORT_PASSPHRASE, SALLYPORT_KEY_FILE)");
    }
}
