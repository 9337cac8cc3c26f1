package dev.sallyport.volume.cli;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.image.NewImage;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.keys.WrappedVolumeKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a new volume gets: its key, context, label and break-glass passphrase. */
final class NewVolumeOptions {
    @Option(names = "--key", required = true, paramLabel = "KEY", description = "Id, ARN or alias of the KMS key.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String key;

    @Option(names = "--context", paramLabel = "K=V", description = "A pair for the encryption context; repeatable.")
    private Map<String, String> context = Map.of();

    @Option(names = "--name", paramLabel = "NAME", description = "The volume's name in its context; else the file's.")
    private @Nullable String name;

    @Option(names = "--label", paramLabel = "LABEL", description = "LUKS2 label, at most 47 bytes.")
    private String label = "";

    @Option(
            names = "--break-glass-passphrase-file",
            paramLabel = "FILE",
            description = "A passphrase that opens the image without any KMS, in a file.")
    private @Nullable Path passphraseFile;

    String key() {
        return key;
    }

    /** Refuses what a header cannot hold, before anything is made. */
    void check() {
        if (label.getBytes(StandardCharsets.UTF_8).length > 47) {
            throw new CommandFailedException(ExitCode.USAGE, "--label has at most 47 bytes");
        }
    }

    /** What was made. */
    record Made(UUID uuid, String keyArn) {}

    /**
     * Makes an image.
     *
     * @param called the file's name, unless another was given
     */
    Made create(Path image, String called, long size, VolumeKeys keys) throws IOException {
        UUID uuid = UUID.randomUUID();
        try (SecretBytes passphrase = passphraseFile == null ? null : SecretFile.passphrase(passphraseFile);
                WrappedVolumeKey made = keys.generate(key, uuid, name == null ? called : name, context)) {
            NewImage.create(image, size, uuid, label, made.token(size), made.keys(), passphrase);
            return new Made(uuid, made.token(size).keyArn());
        }
    }
}
