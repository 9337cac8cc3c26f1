package dev.sallyport.volume.cli;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.image.NewImage;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.keys.WrappedVolumeKey;
import dev.sallyport.volume.luks.LuksImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes an image. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Makes a sparse LUKS2 image with a key of the KMS; it exists once its header is durable.")
final class CreateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "IMAGE", description = "The file to make; never overwritten.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path image;

    @Option(
            names = "--size",
            required = true,
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "Of the volume, such as 20G; a multiple of 4096 bytes.")
    private long size;

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

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        if (Files.exists(image)) {
            throw new FileAlreadyExistsException(image.toString());
        }
        if (size <= 0 || size > NewImage.MAX_SIZE || size % LuksImage.SECTOR_SIZE != 0) {
            throw new CommandFailedException(ExitCode.USAGE, "--size is a multiple of 4096 bytes, at most 16T");
        }
        if (label.getBytes(StandardCharsets.UTF_8).length > 47) {
            throw new CommandFailedException(ExitCode.USAGE, "--label has at most 47 bytes");
        }
        UUID uuid = UUID.randomUUID();
        String called = name == null ? String.valueOf(image.getFileName()) : name;
        try (SecretBytes passphrase = passphraseFile == null ? null : SecretFile.passphrase(passphraseFile);
                VolumeKeys keys = kms.open(key);
                WrappedVolumeKey made = keys.generate(key, uuid, called, context)) {
            NewImage.create(image, size, uuid, label, made.token(size), made.keys(), passphrase);
            spec.commandLine()
                    .getOut()
                    .println("created " + image + ": volume " + uuid + ", " + size + " bytes, key "
                            + made.token(size).keyArn());
        }
        return ExitCode.OK;
    }
}
