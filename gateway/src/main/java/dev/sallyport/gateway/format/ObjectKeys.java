package dev.sallyport.gateway.format;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.Kbkdf;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.Opener;
import dev.sallyport.kms.envelope.Sealer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Which keys an object's data key gives, each by a context of its own: {@code "sallyport/object"}, version, plan, purpose, a
 * zero byte, object id, part number and the nonce of what is sealed. So no two streams, tails or facts share a key, within
 * an object or between copies that share a data key.
 *
 * @param plan how segments are sealed
 * @param objectId the object's id, drawn when it was first written; copies of the ciphertext keep it
 */
public record ObjectKeys(Plan plan, Id128 objectId) {
    /** Version of the object format. */
    public static final int VERSION = 1;

    private static final byte[] CONTEXT = "sallyport/object".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MESSAGE_LABEL = "sallyport/v1/object-message".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ZERO_NONCE = new byte[AesGcm.NONCE_BYTES];

    /** What a key is for. */
    enum Purpose {
        SEGMENTS(1),
        TAIL(2),
        FACTS(3),
        DATA_KEY(4);

        private final int code;

        Purpose(int code) {
            this.code = code;
        }
    }

    /**
     * Seals the segments of a stream.
     *
     * @param partNumber the part's number; 0 in the single layout
     * @param nonce fresh for every attempt
     */
    public Sealer sealer(SecretBytes dataKey, int partNumber, Id128 nonce) {
        return new Sealer(dataKey, context(Purpose.SEGMENTS, partNumber, nonce));
    }

    /** Opens what {@link #sealer} with the same arguments sealed. */
    public Opener opener(SecretBytes dataKey, int partNumber, Id128 nonce) {
        return new Opener(dataKey, context(Purpose.SEGMENTS, partNumber, nonce));
    }

    /** Seals one message under a key of its own; 16 bytes longer. */
    byte[] seal(SecretBytes key, Purpose purpose, Id128 nonce, byte[] aad, byte[] plaintext) {
        try (SecretBytes derived = derive(key, purpose, nonce)) {
            return AesGcm.seal(derived, ZERO_NONCE, aad, plaintext);
        }
    }

    /** Opens one message. */
    byte[] open(SecretBytes key, Purpose purpose, Id128 nonce, byte[] aad, byte[] sealed) {
        try (SecretBytes derived = derive(key, purpose, nonce)) {
            return AesGcm.open(derived, ZERO_NONCE, aad, sealed);
        } catch (AuthenticationFailedException e) {
            throw new ForgedObjectException(
                    "the sealed " + purpose + " of object " + objectId + " do not authenticate");
        }
    }

    private SecretBytes derive(SecretBytes key, Purpose purpose, Id128 nonce) {
        return Kbkdf.counterHmacSha256(key, MESSAGE_LABEL, context(purpose, 0, nonce), AesGcm.KEY_BYTES);
    }

    private byte[] context(Purpose purpose, int partNumber, Id128 nonce) {
        ByteBuffer context = ByteBuffer.allocate(CONTEXT.length + 4 + Id128.LENGTH + 4 + Id128.LENGTH);
        context.put(CONTEXT)
                .put((byte) VERSION)
                .put((byte) plan.code())
                .put((byte) purpose.code)
                .put((byte) 0);
        objectId.write(context);
        context.putInt(partNumber);
        nonce.write(context);
        return context.array();
    }
}
