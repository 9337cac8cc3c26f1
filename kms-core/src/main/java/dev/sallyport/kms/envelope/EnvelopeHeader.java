package dev.sallyport.kms.envelope;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.envelope.EnvelopeException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * What stands before the body of an envelope: which keys open it, and how. Specified in {@code docs/envelope.md}. Nothing in
 * it is authenticated until an {@link EnvelopeReader} has opened it. A class and no record, since it holds arrays.
 */
public final class EnvelopeHeader {
    /** Most master keys of one envelope. */
    public static final int MAX_WRAPS = 16;

    /** Longest header, in bytes. */
    public static final int MAX_LENGTH = 65_536;

    /** Longest encryption context, in its canonical form. */
    public static final int MAX_CONTEXT = 8_192;

    static final int ID_BYTES = 16;

    private final EnvelopePlan plan;
    private final Combination combination;
    private final byte[] id;
    private final byte[] commitment;
    private final EncryptionContext context;
    private final List<KeyWrap> wraps;

    /** @throws IllegalArgumentException when these make no header */
    EnvelopeHeader(
            EnvelopePlan plan,
            Combination combination,
            byte[] id,
            byte[] commitment,
            EncryptionContext context,
            List<KeyWrap> wraps) {
        if (!combination.allows(wraps.size())) {
            throw new IllegalArgumentException(
                    combination == Combination.SINGLE ? "one key is one wrap" : "several keys are 2 to 16");
        }
        if (context.canonicalBytes().length > MAX_CONTEXT) {
            throw new IllegalArgumentException("the encryption context is longer than 8192 bytes");
        }
        Set<String> seen = new HashSet<>();
        for (KeyWrap wrap : wraps) {
            if (!seen.add(wrap.provider() + " " + wrap.keyId())) {
                throw new IllegalArgumentException("the master key " + wrap.keyId() + " is there twice");
            }
        }
        this.plan = plan;
        this.combination = combination;
        this.id = id.clone();
        this.commitment = commitment.clone();
        this.context = context;
        this.wraps = List.copyOf(wraps);
    }

    /**
     * Reads the header that an envelope begins with, and nothing of the body. It proves nothing.
     *
     * @throws EnvelopeException when it is none, of an unknown version, or cut short
     */
    public static EnvelopeHeader read(InputStream envelope) throws IOException {
        return HeaderCodec.parse(HeaderCodec.readFrom(envelope));
    }

    public EnvelopePlan plan() {
        return plan;
    }

    public Combination combination() {
        return combination;
    }

    /** The envelope's own random id: 32 hex digits. */
    public String id() {
        return HexFormat.of().formatHex(id);
    }

    public EncryptionContext context() {
        return context;
    }

    /** The wrapped data key or shares, in the envelope's order. */
    public List<KeyWrap> wraps() {
        return wraps;
    }

    /** Length in bytes: where the body begins. */
    public int length() {
        return HeaderCodec.length(this);
    }

    /**
     * Length of the plaintext of an envelope of {@code envelopeLength} bytes, unauthenticated.
     *
     * @throws EnvelopeException when no envelope with this header has that length
     */
    public long plaintextLength(long envelopeLength) throws EnvelopeException {
        try {
            return plan.plaintextLength(envelopeLength - length());
        } catch (IllegalArgumentException e) {
            throw new EnvelopeException(Reason.ALTERED, "the envelope is cut short or was altered: no body is so long");
        }
    }

    /** Not a copy. */
    byte[] rawId() {
        return id;
    }

    /** Not a copy. */
    byte[] commitment() {
        return commitment;
    }
}
