package dev.sallyport.kms.envelope;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.envelope.EnvelopeException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The bytes of an {@link EnvelopeHeader}, as {@code docs/envelope.md} has them. */
final class HeaderCodec {
    static final int MAC_BYTES = 32;

    private static final byte[] MAGIC = {'S', 'P', 'E', 'V'};
    private static final byte VERSION = 1;
    private static final int FIXED_BYTES = 12;

    /** Up to the context: the fixed part, id and commitment. */
    private static final int BEFORE_CONTEXT = FIXED_BYTES + EnvelopeHeader.ID_BYTES + CommittedKey.COMMITMENT_BYTES;

    private static final int SHORTEST = BEFORE_CONTEXT + 4 + 4 + 5 + 1 + 1 + MAC_BYTES;

    private HeaderCodec() {}

    static int length(EnvelopeHeader header) {
        int length = BEFORE_CONTEXT + 4 + header.context().canonicalBytes().length + MAC_BYTES;
        for (KeyWrap wrap : header.wraps()) {
            length += 5 + wrap.keyId().length() + wrap.bytes().length;
        }
        return length;
    }

    /**
     * The header without its MAC.
     *
     * @throws IllegalArgumentException when it is longer than a header may be
     */
    static byte[] encode(EnvelopeHeader header) {
        int length = length(header);
        if (length > EnvelopeHeader.MAX_LENGTH) {
            throw new IllegalArgumentException("the wrapped keys are too long for one header: " + length + " bytes");
        }
        byte[] context = header.context().canonicalBytes();
        ByteBuffer bytes = ByteBuffer.allocate(length - MAC_BYTES)
                .put(MAGIC)
                .put(VERSION)
                .put((byte) header.plan().code())
                .put((byte) header.combination().code())
                .put((byte) header.wraps().size())
                .putInt(length)
                .put(header.rawId())
                .put(header.commitment())
                .putInt(context.length)
                .put(context);
        for (KeyWrap wrap : header.wraps()) {
            byte[] wrapped = wrap.bytes();
            bytes.put((byte) wrap.provider())
                    .putShort((short) wrap.keyId().length())
                    .put(wrap.keyId().getBytes(StandardCharsets.US_ASCII))
                    .putShort((short) wrapped.length)
                    .put(wrapped);
        }
        return bytes.array();
    }

    /** The bytes of the header that {@code envelope} begins with, MAC included; checks the fixed part only. */
    static byte[] readFrom(InputStream envelope) throws IOException {
        byte[] fixed = envelope.readNBytes(FIXED_BYTES);
        if (fixed.length < MAGIC.length || !Arrays.equals(fixed, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw malformed("it does not begin as one");
        }
        if (fixed.length > MAGIC.length && fixed[MAGIC.length] != VERSION) {
            throw new EnvelopeException(
                    Reason.UNSUPPORTED,
                    "an envelope of version " + (fixed[MAGIC.length] & 0xff) + " is not known here");
        }
        if (fixed.length < FIXED_BYTES) {
            throw cut();
        }
        int length = ByteBuffer.wrap(fixed).getInt(FIXED_BYTES - 4);
        if (length < SHORTEST || length > EnvelopeHeader.MAX_LENGTH) {
            throw malformed("no header has " + length + " bytes");
        }
        byte[] rest = envelope.readNBytes(length - FIXED_BYTES);
        if (rest.length < length - FIXED_BYTES) {
            throw cut();
        }
        byte[] bytes = Arrays.copyOf(fixed, length);
        System.arraycopy(rest, 0, bytes, FIXED_BYTES, rest.length);
        return bytes;
    }

    /** What {@link #readFrom} read; its MAC is not looked at. */
    static EnvelopeHeader parse(byte[] header) throws EnvelopeException {
        ByteBuffer bytes = ByteBuffer.wrap(header, 0, header.length - MAC_BYTES);
        bytes.position(MAGIC.length + 1);
        EnvelopePlan plan = plan(bytes.get());
        Combination combination = combination(bytes.get());
        int count = bytes.get() & 0xff;
        bytes.getInt();
        if (!combination.allows(count)) {
            throw malformed(count + " wrapped keys");
        }
        try {
            byte[] id = take(bytes, EnvelopeHeader.ID_BYTES);
            byte[] commitment = take(bytes, CommittedKey.COMMITMENT_BYTES);
            EncryptionContext context = context(take(bytes, bounded(bytes.getInt(), 4, EnvelopeHeader.MAX_CONTEXT)));
            List<KeyWrap> wraps = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int provider = bytes.get() & 0xff;
                String keyId = text(take(bytes, bounded(bytes.getShort(), 1, KeyWrap.MAX_KEY_ID)));
                wraps.add(new KeyWrap(provider, keyId, take(bytes, bounded(bytes.getShort(), 1, KeyWrap.MAX_BYTES))));
            }
            if (bytes.hasRemaining()) {
                throw malformed("bytes are left over in its header");
            }
            return new EnvelopeHeader(plan, combination, id, commitment, context, wraps);
        } catch (BufferUnderflowException e) {
            throw malformed("a length in its header is wrong");
        } catch (CharacterCodingException e) {
            throw malformed("a text in its header is not UTF-8");
        } catch (IllegalArgumentException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    /** The canonical form only, so that a context has one encoding. */
    private static EncryptionContext context(byte[] canonical) throws EnvelopeException, CharacterCodingException {
        ByteBuffer bytes = ByteBuffer.wrap(canonical);
        Map<String, String> pairs = new LinkedHashMap<>();
        int count = bytes.getInt();
        for (int i = 0; i < count; i++) {
            String key = text(take(bytes, bounded(bytes.getInt(), 0, canonical.length)));
            pairs.put(key, text(take(bytes, bounded(bytes.getInt(), 0, canonical.length))));
        }
        EncryptionContext context = new EncryptionContext(pairs);
        if (!Arrays.equals(context.canonicalBytes(), canonical)) {
            throw malformed("its encryption context is not in the canonical form");
        }
        return context;
    }

    private static EnvelopePlan plan(int code) throws EnvelopeException {
        for (EnvelopePlan plan : EnvelopePlan.values()) {
            if (plan.code() == code) {
                return plan;
            }
        }
        throw new EnvelopeException(Reason.UNSUPPORTED, "an envelope of plan " + (code & 0xff) + " is not known here");
    }

    private static Combination combination(int code) throws EnvelopeException {
        for (Combination combination : Combination.values()) {
            if (combination.code() == code) {
                return combination;
            }
        }
        throw new EnvelopeException(
                Reason.UNSUPPORTED, "an envelope with combination " + (code & 0xff) + " of keys is not known here");
    }

    private static int bounded(int value, int least, int most) throws EnvelopeException {
        if (value < least || value > most) {
            throw malformed("a length in its header is out of its bounds");
        }
        return value;
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private static String text(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    private static EnvelopeException malformed(String why) {
        return new EnvelopeException(Reason.MALFORMED, "this is no envelope of Sallyport: " + why);
    }

    private static EnvelopeException cut() {
        return new EnvelopeException(Reason.MALFORMED, "the envelope is cut short in its header");
    }
}
