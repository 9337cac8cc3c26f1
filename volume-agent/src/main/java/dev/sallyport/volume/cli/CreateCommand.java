package dev.sallyport.volume.cli;

import dev.sallyport.volume.image.NewImage;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.LuksImage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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

    @Mixin
    private final NewVolumeOptions volume = new NewVolumeOptions();

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
        volume.check();
        try (VolumeKeys keys = kms.open(volume.key())) {
            NewVolumeOptions.Made made = volume.create(image, String.valueOf(image.getFileName()), size, keys);
            spec.commandLine()
                    .getOut()
                    .println("created " + image + ": volume " + made.uuid() + ", " + size + " bytes, key "
                            + made.keyArn());
        }
        return ExitCode.OK;
    }
}
