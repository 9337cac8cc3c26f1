package dev.sallyport.volume.cli;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.LuksImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Removes a passphrase. */
@Command(
        name = "remove",
        mixinStandardHelpOptions = true,
        description = {
            "Removes a passphrase, and overwrites what it opened. The image must not be attached.",
            "Another way in has to be left, and is tried first: the KMS must open the volume. With --force it is not asked,"
                    + " as long as another passphrase is left, or a token whose key may come back. The last passphrase of an"
                    + " image without a token is never removed here."
        },
        footer = {
            "",
            "  sallyport-volume passphrase remove disk.img --passphrase-file ./passphrase",
            "  sallyport-volume passphrase remove disk.img --slot 1"
        })
final class PassphraseRemoveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Which which;

    /** Which one. */
    static final class Which {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "The passphrase itself; a line end behind it is left out. - reads the standard input.")
        private @Nullable Path passphrase;

        @Option(names = "--slot", paramLabel = "N", description = "The number of its keyslot, as inspect shows it.")
        private @Nullable Integer slot;
    }

    @Option(names = "--force", description = "Do not ask the KMS first whether it opens the volume.")
    private boolean force;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        try (VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.WRITE)) {
            LuksImage header = opened.header();
            int slot = slot(header);
            requireAnotherWay(opened, slot);
            header.removeKeyslot(slot);
            spec.commandLine().getOut().println("removed keyslot " + slot + " of " + image.path());
        }
        return ExitCode.OK;
    }

    private int slot(LuksImage header) throws IOException {
        if (which.slot != null) {
            if (!header.keyslots().contains(which.slot)) {
                throw new CommandFailedException(
                        ExitCode.USAGE, image.path() + " has no keyslot " + which.slot + ", only " + header.keyslots());
            }
            return which.slot;
        }
        try (SecretBytes passphrase = SecretFile.passphrase(Objects.requireNonNull(which.passphrase))) {
            LuksImage.OpenedSlot found = header.openPassphrase(passphrase)
                    .orElseThrow(() -> new CommandFailedException(
                            ExitCode.WRONG_SECRET, "the passphrase opens no keyslot of " + image.path()));
            found.volumeKey().close();
            return found.slot();
        }
    }

    private void requireAnotherWay(VolumeImage opened, int slot) throws IOException {
        if (!opened.header().hasToken()) {
            boolean last = opened.header().volumeKeyslots().equals(List.of(slot));
            if (last || !force) {
                throw new CommandFailedException(
                        ExitCode.FAILED,
                        last
                                ? "this is the last way into " + image.path() + ", which has no sallyport-kms token;"
                                        + " nothing was removed"
                                : image.path()
                                        + " has no sallyport-kms token, so the KMS cannot be asked; to rely on its"
                                        + " other passphrases give --force");
            }
            return;
        }
        if (force) {
            return;
        }
        try (VolumeKeys keys = kms.open(opened.token().keyArn())) {
            opened.unlock(keys).close();
        } catch (KmsException e) {
            throw new CommandFailedException(
                    ExitCode.of(e),
                    "the KMS does not open the volume (" + e.code().wireName()
                            + "), so nothing was removed; to remove the passphrase all the same give --force");
        }
    }
}
