package dev.sallyport.volume.cli;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adds a passphrase. */
@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Adds a passphrase that opens the image without any KMS, under Argon2id. The image must not be"
                + " attached. Whoever has a passphrase can read the volume after its KMS key was disabled.",
        footer = {
            "",
            "  sallyport-volume passphrase add disk.img --passphrase-file ./passphrase",
            "  cryptsetup open disk.img disk      # asks for it"
        })
final class PassphraseAddCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Option(
            names = "--passphrase-file",
            required = true,
            paramLabel = "FILE",
            description =
                    "The passphrase, 1 to 512 bytes; a line end behind it is left out. - reads the standard input.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path passphraseFile;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        try (SecretBytes passphrase = SecretFile.passphrase(passphraseFile);
                VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.WRITE);
                VolumeKeys keys = kms.open(opened.token().keyArn());
                KeyBundle bundle = opened.unlock(keys)) {
            int slot = opened.header().addPassphrase(bundle.volumeKey(), passphrase);
            spec.commandLine().getOut().println("added a passphrase to " + image.path() + ": keyslot " + slot);
        }
        return ExitCode.OK;
    }
}
