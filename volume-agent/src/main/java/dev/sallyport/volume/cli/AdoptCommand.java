package dev.sallyport.volume.cli;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.keys.WrappedVolumeKey;
import dev.sallyport.volume.luks.LuksException;
import dev.sallyport.volume.luks.LuksImage;
import dev.sallyport.volume.luks.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Gives an image that was made elsewhere a token. */
@Command(
        name = "adopt",
        mixinStandardHelpOptions = true,
        description = {
            "Puts an existing LUKS2 image under a key of the KMS.",
            "The image gets a sallyport-kms token, by which the KMS opens it from now on. Nothing is re-encrypted, and its"
                    + " passphrases go on to open it.",
            "Adoptable are images of one segment under aes-xts-plain64, with 256 or 512 bits of key and sectors of 512 to"
                    + " 4096 bytes, without integrity, that are not being re-encrypted."
        },
        footer = {
            "",
            "  sallyport-volume adopt disk.img --key alias/volumes --passphrase-file ./passphrase",
            "",
            "After that the passphrase may go, if the KMS alone is to open the image:",
            "  sallyport-volume passphrase remove disk.img --passphrase-file ./passphrase"
        })
final class AdoptCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(AdoptCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Option(names = "--key", required = true, paramLabel = "KEY", description = "Id, ARN or alias of the KMS key.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String key;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Proof proof;

    /** What opens the image now. */
    static final class Proof {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "A passphrase of the image, in a file; a line end behind it is left out. - reads the"
                        + " standard input.")
        private @Nullable Path passphrase;

        @Option(
                names = "--key-file",
                paramLabel = "FILE",
                description = "A key file of the image, as cryptsetup's --key-file: every byte of it counts.")
        private @Nullable Path keyFile;

        @Option(
                names = "--volume-key-file",
                paramLabel = "FILE",
                description = "The volume key itself, 32 or 64 bytes, as cryptsetup's --volume-key-file.")
        private @Nullable Path volumeKey;
    }

    @Option(names = "--context", paramLabel = "K=V", description = "A pair for the encryption context; repeatable.")
    private Map<String, String> context = Map.of();

    @Option(names = "--name", paramLabel = "NAME", description = "The volume's name in its context; else the file's.")
    private @Nullable String name;

    @Option(
            names = "--replace-token",
            description = "Replace the sallyport-kms token that is there, for example because its KMS key is gone.")
    private boolean replaceToken;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        try (VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.WRITE)) {
            LuksImage header = opened.header();
            if (!replaceToken && header.hasToken()) {
                throw new CommandFailedException(
                        ExitCode.FAILED,
                        image.path() + " has a sallyport-kms token already; to move it to another key:"
                                + " sallyport-volume rekey");
            }
            UUID uuid = uuid(header);
            try (SecretBytes volumeKey = volumeKey(header)) {
                long size = opened.dataSize(volumeKey.length());
                String called = name == null ? String.valueOf(image.path().getFileName()) : name;
                try (VolumeKeys keys = kms.open(key);
                        WrappedVolumeKey made = keys.adopt(key, uuid, called, context, volumeKey)) {
                    Token token = made.token(size);
                    header.putToken(token, made.keys().macKey());
                    spec.commandLine()
                            .getOut()
                            .println("adopted " + image.path() + ": volume " + uuid + ", " + size + " bytes, key "
                                    + token.keyArn());
                }
            }
        }
        return ExitCode.OK;
    }

    private static UUID uuid(LuksImage header) {
        try {
            UUID uuid = UUID.fromString(header.uuid());
            if (uuid.toString().equals(header.uuid())) {
                return uuid;
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("uuid", e);
        }
        throw new LuksException("the image's uuid is malformed; give it one: cryptsetup luksUUID --uuid UUID IMAGE");
    }

    private SecretBytes volumeKey(LuksImage header) throws IOException {
        header.geometry(LuksImage.KEY_BYTES); // refuses a cipher that is not supported before any passphrase is tried
        if (proof.volumeKey != null) {
            SecretBytes given = SecretFile.volumeKey(proof.volumeKey);
            if (!header.isVolumeKey(given)) {
                given.close();
                throw new CommandFailedException(
                        ExitCode.WRONG_SECRET, "the file holds another key than the volume key of " + image.path());
            }
            return given;
        }
        try (SecretBytes secret = proof.keyFile != null
                ? SecretFile.keyFile(proof.keyFile)
                : SecretFile.passphrase(Objects.requireNonNull(proof.passphrase))) {
            return header.openPassphrase(secret)
                    .orElseThrow(() -> new CommandFailedException(
                            ExitCode.WRONG_SECRET,
                            "the passphrase opens no keyslot of " + image.path()
                                    + (proof.keyFile == null
                                            ? " (if it is a key file of cryptsetup: --key-file)"
                                            : "")))
                    .volumeKey();
        }
    }
}
