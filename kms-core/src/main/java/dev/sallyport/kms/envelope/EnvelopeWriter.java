package dev.sallyport.kms.envelope;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.RandomBytes;
import dev.sallyport.kms.crypto.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes envelopes: any bytes, encrypted under a fresh data key, which is wrapped under one or several master keys. Memory is
 * bounded by two segments, whatever the length. Immutable, and safe for use by several threads.
 *
 * <pre>{@code
 * EnvelopeWriter.anyOf(List.of(kmsKey, backupKey)).cascade().context(EncryptionContext.of("team", "blue")).seal(in, out);
 * }</pre>
 */
public final class EnvelopeWriter {
    private final Combination combination;
    private final List<KeyWrapper> keys;
    private final EnvelopePlan plan;
    private final EncryptionContext context;

    private EnvelopeWriter(
            Combination combination, List<KeyWrapper> keys, EnvelopePlan plan, EncryptionContext context) {
        if (!combination.allows(keys.size())) {
            throw new IllegalArgumentException("an envelope has 1 to 16 master keys, and 2 to 16 if all are needed");
        }
        if (context.canonicalBytes().length > EnvelopeHeader.MAX_CONTEXT) {
            throw new IllegalArgumentException("the encryption context is longer than 8192 bytes");
        }
        this.combination = combination;
        this.keys = List.copyOf(keys);
        this.plan = plan;
        this.context = context;
    }

    /** Each of these keys (1 to 16, of whatever providers) will open the envelope alone. */
    public static EnvelopeWriter anyOf(List<? extends KeyWrapper> keys) {
        Combination combination = keys.size() == 1 ? Combination.SINGLE : Combination.ANY_OF;
        return new EnvelopeWriter(combination, List.copyOf(keys), EnvelopePlan.AES_256_GCM, EncryptionContext.EMPTY);
    }

    /** Only all of these keys (2 to 16, of whatever providers) together will open the envelope. */
    public static EnvelopeWriter allOf(List<? extends KeyWrapper> keys) {
        return new EnvelopeWriter(
                Combination.ALL_OF, List.copyOf(keys), EnvelopePlan.AES_256_GCM, EncryptionContext.EMPTY);
    }

    /** The same, with two ciphers one inside the other. */
    public EnvelopeWriter cascade() {
        return new EnvelopeWriter(combination, keys, EnvelopePlan.CASCADE, context);
    }

    /** The same, bound to these pairs, which stand in the envelope in the clear. */
    public EnvelopeWriter context(EncryptionContext context) {
        return new EnvelopeWriter(combination, keys, plan, context);
    }

    /**
     * Reads {@code plaintext} to its end and writes the envelope of it. Closes neither; what is written before a failure is
     * no envelope.
     *
     * @throws dev.sallyport.kms.KmsException when a KMS refuses, or does not answer: nothing is written then
     * @throws IOException when a stream fails
     */
    public EnvelopeHeader seal(InputStream plaintext, OutputStream envelope) throws IOException {
        byte[] id = RandomBytes.of(EnvelopeHeader.ID_BYTES);
        List<SecretBytes> shares = new ArrayList<>();
        try {
            for (int i = combination == Combination.ALL_OF ? keys.size() : 1; i > 0; i--) {
                shares.add(SecretBytes.random(EnvelopeKeys.DATA_KEY_BYTES));
            }
            return seal(id, shares, plaintext, envelope);
        } finally {
            shares.forEach(SecretBytes::close);
        }
    }

    /** The same with given randomness, so that vectors can be made. */
    EnvelopeHeader seal(byte[] id, List<SecretBytes> shares, InputStream plaintext, OutputStream envelope)
            throws IOException {
        boolean all = combination == Combination.ALL_OF;
        try (SecretBytes dataKey =
                all ? EnvelopeKeys.combine(shares, id) : shares.getFirst().slice(0, EnvelopeKeys.DATA_KEY_BYTES)) {
            List<KeyWrap> wraps = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                wraps.add(keys.get(i).wrap(shares.get(all ? i : 0), context));
            }
            EnvelopeHeader header =
                    new EnvelopeHeader(plan, combination, id, CommittedKey.commitment(dataKey), context, wraps);
            byte[] bytes = HeaderCodec.encode(header);
            envelope.write(bytes);
            envelope.write(EnvelopeKeys.mac(dataKey, bytes));
            body(dataKey, id, plaintext, envelope);
            return header;
        }
    }

    private void body(SecretBytes dataKey, byte[] id, InputStream plaintext, OutputStream envelope) throws IOException {
        int full = plan.segmentBytes();
        // One byte more than a segment, since only what follows tells whether it is the last.
        byte[] clear = new byte[full + 1];
        byte[] sealed = new byte[full + plan.tagBytes()];
        try (SegmentSealer sealer = plan.sealer(dataKey, EnvelopeKeys.streamInfo(plan, id))) {
            int held = 0;
            boolean last;
            do {
                held += plaintext.readNBytes(clear, held, clear.length - held);
                last = held <= full;
                int length = sealer.seal(clear, 0, last ? held : full, last, sealed, 0);
                envelope.write(sealed, 0, length);
                clear[0] = clear[full];
                held = 1;
            } while (!last);
            envelope.flush();
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }
}
