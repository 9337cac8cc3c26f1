package dev.sallyport.volume.cli;

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

/** Wraps the volume key under another KMS key. */
@Command(
        name = "rekey",
        mixinStandardHelpOptions = true,
        description = {
            "Wraps the volume key under another KMS key.",
            "The KMS does it (ReEncrypt), and the caller needs both keys. The volume key and the data stay as they are; the"
                    + " image must not be attached.",
            "It is crash-safe: whatever cuts it short, the image opens under the old key or under the new one. Keep the old"
                    + " key until no header backup needs it."
        },
        footer = {
            "",
            "  sallyport-volume rekey disk.img --key alias/volumes-2027 --kms-endpoint http://127.0.0.1:9000",
            "",
            "The same key may be named again: after its rotation that wraps under its newest material."
        })
final class RekeyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Option(names = "--key", required = true, paramLabel = "KEY", description = "Id, ARN or alias of the new KMS key.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String key;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        try (VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.WRITE)) {
            Token old = opened.token();
            try (VolumeKeys keys = kms.open(old.keyArn());
                    KeyBundle bundle = opened.unlock(keys)) {
                Token moved = keys.rewrap(old, key);
                opened.header().putToken(moved, bundle.macKey());
                spec.commandLine()
                        .getOut()
                        .println("rekeyed " + image.path() + ": from " + old.keyArn() + " to " + moved.keyArn());
            }
        }
        return ExitCode.OK;
    }
}
