package dev.sallyport.volume.image;

import dev.sallyport.kms.KmsException;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeyException;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.Geometry;
import dev.sallyport.volume.luks.HeaderStore;
import dev.sallyport.volume.luks.LuksException;
import dev.sallyport.volume.luks.LuksImage;
import dev.sallyport.volume.luks.Token;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Checks everything about an image that can be checked without reading its data. Nothing is written, and the image may be
 * attached. The data itself carries no authentication, as under any dm-crypt.
 */
public final class ImageCheck {
    private final Path path;
    private final List<Finding> findings = new ArrayList<>();
    private @Nullable KmsException refusal;

    /** How a check went. */
    public enum Outcome {
        OK,
        FAILED,
        /** Could not be made: something before it failed, or no KMS was asked. */
        SKIPPED
    }

    /**
     * One check.
     *
     * @param check its name: first-copy, second-copy, copies, metadata, geometry, token, key, digest or mac
     * @param detail for people
     */
    public record Finding(String check, Outcome outcome, String detail) {}

    private ImageCheck(Path path) {
        this.path = path;
    }

    /**
     * Runs the checks.
     *
     * @param kms gives the way to the KMS of a key's ARN; null to check the header alone
     */
    public static ImageCheck run(Path path, @Nullable Function<String, VolumeKeys> kms) throws IOException {
        ImageCheck check = new ImageCheck(path);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            check.header(channel, kms);
        }
        return check;
    }

    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** What the KMS said when it opened nothing; empty when it was not asked, or answered. */
    public Optional<KmsException> refusal() {
        return Optional.ofNullable(refusal);
    }

    private void header(FileChannel channel, @Nullable Function<String, VolumeKeys> kms) throws IOException {
        HeaderStore.Report report = new HeaderStore(channel).report();
        copy("first-copy", report.first());
        copy("second-copy", report.second());
        add(
                "copies",
                report.same() && report.first().equals(report.second()),
                "both say the same",
                "they differ; what opens the image for writing makes them agree");
        LuksImage header;
        try {
            header = LuksImage.openReadOnly(channel);
        } catch (LuksException e) {
            fail("metadata", e);
            return;
        }
        ok("metadata", "volume " + header.uuid() + ", keyslots " + header.keyslots());
        Token token = token(header);
        boolean fits = geometry(header, token, channel.size());
        if (token == null || !fits) {
            return;
        }
        if (kms == null) {
            findings.add(new Finding("key", Outcome.SKIPPED, "no KMS was asked, so digest and MAC were not checked"));
            return;
        }
        try (VolumeKeys keys = kms.apply(token.keyArn());
                KeyBundle bundle = keys.open(token)) {
            ok("key", token.keyArn());
            add(
                    "digest",
                    header.isVolumeKey(bundle.volumeKey()),
                    bundle.volumeKey().length() * 8 + "-bit volume key",
                    "what the KMS opened is not the volume key");
            add(
                    "mac",
                    header.verifyToken(bundle.macKey()),
                    "the header is as it was made",
                    "the header was changed: the MAC of its sallyport-kms token is wrong");
        } catch (KmsException e) {
            refusal = e;
            findings.add(new Finding("key", Outcome.FAILED, e.code().wireName() + ": " + e.getMessage()));
        } catch (VolumeKeyException e) {
            fail("key", e);
        } catch (LuksException e) {
            fail("digest", e);
        }
    }

    private void copy(String name, Optional<Long> sequence) {
        add(name, sequence.isPresent(), "sequence id " + sequence.orElse(-1L), "damaged");
    }

    private @Nullable Token token(LuksImage header) {
        try {
            Optional<Token> token = header.token();
            boolean fits = token.isPresent()
                    && header.uuid().equals(token.get().context().pairs().get(VolumeKeys.VOLUME_ID));
            add(
                    "token",
                    fits,
                    "version 1",
                    token.isEmpty()
                            ? "none; give it one: sallyport-volume adopt " + path
                            : "it was made for another image");
            return fits ? token.get() : null;
        } catch (LuksException e) {
            fail("token", e);
            return null;
        }
    }

    private boolean geometry(LuksImage header, @Nullable Token token, long length) {
        try {
            Geometry geometry = header.geometry(LuksImage.KEY_BYTES);
            long size = token != null ? token.size() : Math.max(0, geometry.fixedSize());
            boolean fits = size <= length - geometry.dataOffset()
                    && size % geometry.sectorSize() == 0
                    && (geometry.fixedSize() < 0 || geometry.fixedSize() == size);
            add(
                    "geometry",
                    fits,
                    "aes-xts-plain64, sectors of " + geometry.sectorSize() + " bytes from " + geometry.dataOffset()
                            + " on, volume of " + size + " bytes",
                    "the image has " + Math.max(0, length - geometry.dataOffset())
                            + " bytes of data, which do not fit a volume of " + size);
            return fits;
        } catch (LuksException e) {
            fail("geometry", e);
            return false;
        }
    }

    private void add(String check, boolean good, String ifGood, String ifBad) {
        findings.add(new Finding(check, good ? Outcome.OK : Outcome.FAILED, good ? ifGood : ifBad));
    }

    private void ok(String check, String detail) {
        findings.add(new Finding(check, Outcome.OK, detail));
    }

    private void fail(String check, RuntimeException e) {
        findings.add(new Finding(check, Outcome.FAILED, String.valueOf(e.getMessage())));
    }
}
