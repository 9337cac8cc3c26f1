package dev.sallyport.volume.cli;

import dev.sallyport.volume.host.ProcessGuard;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Hands the volume key to whoever reads the pipe. */
@Command(
        name = "export-key",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the volume key into a pipe.",
            "It is 32 or 64 raw bytes, and goes nowhere else: a terminal or a file would keep it. Whoever has the volume key reads the volume for ever, whatever becomes of the KMS key.",
        },
        footer = {
            "",
            "Opens the volume with dm-crypt (a 512-bit key, as images have that were made here):",
            "  sallyport-volume export-key disk.img |",
            "    cryptsetup open --type luks2 --volume-key-file /dev/stdin --key-size 512 disk.img disk"
        })
final class ExportKeyCommand implements Callable<Integer> {
    private static final int STANDARD_OUTPUT = 1;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        if (!ProcessGuard.isPipe(STANDARD_OUTPUT)) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "the volume key goes into a pipe only, and the standard output is none; for example:"
                            + " sallyport-volume export-key IMAGE | cryptsetup open --volume-key-file /dev/stdin …");
        }
        try (VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.LOOK);
                VolumeKeys keys = kms.open(opened.token().keyArn());
                KeyBundle bundle = opened.unlock(keys);
                FileOutputStream pipe = new FileOutputStream(FileDescriptor.out)) {
            byte[] key = bundle.volumeKey().exposeCopy();
            try {
                pipe.write(key);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
        return ExitCode.OK;
    }
}
