package dev.sallyport.volume.cli;

import dev.sallyport.volume.image.NewImage;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.Token;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Changes a volume's size. */
@Command(
        name = "resize",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a volume larger, or with --force smaller.",
            "It must not be attached, since NBD clients learn a size when they connect. The space that is added is undefined until it is written, as in a new volume.",
            "It is crash-safe: whatever cuts it short, the volume has its old size or the new one."
        },
        footer = {
            "",
            "  sallyport-volume resize disk.img --size 40G",
            "",
            "Grow the file system in it afterwards (resize2fs, xfs_growfs); shrink it before, and never below it."
        })
final class ResizeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Option(
            names = "--size",
            required = true,
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "The whole volume's new size, such as 40G; whole sectors of the image.")
    private long size;

    @Option(names = "--force", description = "Shrink too: what lies beyond the new size is lost.")
    private boolean force;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        if (size <= 0 || size > NewImage.MAX_SIZE) {
            throw new CommandFailedException(ExitCode.USAGE, "--size is at most 16T");
        }
        try (VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.WRITE)) {
            Token token = opened.token();
            try (VolumeKeys keys = kms.open(token.keyArn());
                    KeyBundle bundle = opened.unlock(keys)) {
                int sector =
                        opened.header().geometry(bundle.volumeKey().length()).sectorSize();
                if (size % sector != 0) {
                    throw new CommandFailedException(ExitCode.USAGE, "--size is a multiple of " + sector + " bytes");
                }
                if (size < token.size() && !force) {
                    throw new CommandFailedException(
                            ExitCode.USAGE,
                            "the volume has " + token.size() + " bytes; to lose the last " + (token.size() - size)
                                    + ", shrink the file system in it first, then give --force");
                }
                opened.resize(size, bundle);
                spec.commandLine()
                        .getOut()
                        .println("resized " + image.path() + ": from " + token.size() + " to " + size + " bytes");
            }
        }
        return ExitCode.OK;
    }
}
