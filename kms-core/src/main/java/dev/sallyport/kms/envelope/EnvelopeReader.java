package dev.sallyport.kms.envelope;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.EnvelopeException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens envelopes with the master keys at hand. In this order: the header's form, the context that is required, the keys, the
 * commitment to the data key, the header's MAC; then each segment before a byte of it is handed on. Immutable, and as safe for
 * use by several threads as its keys are.
 */
public final class EnvelopeReader {
    private static final int LONGEST_REASON = 300;

    private final List<KeyUnwrapper> keys;
    private final EncryptionContext required;

    private EnvelopeReader(List<KeyUnwrapper> keys, EncryptionContext required) {
        this.keys = keys;
        this.required = required;
    }

    /** A reader that tries these keys, in this order. */
    public static EnvelopeReader with(List<? extends KeyUnwrapper> keys) {
        return new EnvelopeReader(List.copyOf(keys), EncryptionContext.EMPTY);
    }

    /** The same, for envelopes only whose encryption context has all of these pairs. */
    public EnvelopeReader requiring(EncryptionContext context) {
        return new EnvelopeReader(keys, context);
    }

    /**
     * Opens the envelope, up to its body, which the stream that it returns authenticates as it is read. That one must be
     * closed, which closes {@code envelope} too; when this fails, {@code envelope} stays open.
     *
     * @throws EnvelopeException when it does not open
     * @throws IOException when {@code envelope} fails
     */
    public EnvelopeInputStream open(InputStream envelope) throws IOException {
        byte[] bytes = HeaderCodec.readFrom(envelope);
        EnvelopeHeader header = HeaderCodec.parse(bytes);
        try (SecretBytes dataKey = dataKey(header, bytes)) {
            return new EnvelopeInputStream(header, dataKey, envelope);
        }
    }

    /**
     * Opens and authenticates the header that {@code envelope} begins with, and reads nothing of the body.
     *
     * @throws EnvelopeException when it does not open
     * @throws IOException when {@code envelope} fails
     */
    public EnvelopeHeader verifyHeader(InputStream envelope) throws IOException {
        byte[] bytes = HeaderCodec.readFrom(envelope);
        EnvelopeHeader header = HeaderCodec.parse(bytes);
        dataKey(header, bytes).close();
        return header;
    }

    private SecretBytes dataKey(EnvelopeHeader header, byte[] bytes) throws EnvelopeException {
        for (Map.Entry<String, String> pair : required.pairs().entrySet()) {
            if (!pair.getValue().equals(header.context().pairs().get(pair.getKey()))) {
                throw new EnvelopeException(
                        Reason.CONTEXT, "the envelope was made with another encryption context than the one required");
            }
        }
        SecretBytes dataKey = header.combination() == Combination.ALL_OF ? ofAll(header) : ofAny(header);
        if (!EnvelopeKeys.authenticates(dataKey, bytes)) {
            dataKey.close();
            throw new EnvelopeException(Reason.ALTERED, "the envelope's header was altered");
        }
        return dataKey;
    }

    private SecretBytes ofAny(EnvelopeHeader header) throws EnvelopeException {
        List<String> failures = new ArrayList<>();
        for (KeyWrap wrap : header.wraps()) {
            SecretBytes opened = unwrap(wrap, header.context(), failures);
            if (opened != null) {
                if (isCommitted(opened, header)) {
                    return opened;
                }
                opened.close();
                failures.add(wrap.keyId() + ": it wraps another data key than the envelope's");
            }
        }
        throw new EnvelopeException(Reason.NO_KEY, "no key at hand opens the envelope: " + String.join("; ", failures));
    }

    private SecretBytes ofAll(EnvelopeHeader header) throws EnvelopeException {
        List<String> failures = new ArrayList<>();
        List<SecretBytes> shares = new ArrayList<>();
        try {
            for (KeyWrap wrap : header.wraps()) {
                SecretBytes share = unwrap(wrap, header.context(), failures);
                if (share == null) {
                    throw new EnvelopeException(
                            Reason.NO_KEY,
                            "all " + header.wraps().size() + " keys are needed to open the envelope: "
                                    + String.join("; ", failures));
                }
                shares.add(share);
            }
            SecretBytes dataKey = EnvelopeKeys.combine(shares, header.rawId());
            if (isCommitted(dataKey, header)) {
                return dataKey;
            }
            dataKey.close();
            throw new EnvelopeException(
                    Reason.ALTERED, "the envelope's header was altered: its shares make another data key");
        } finally {
            shares.forEach(SecretBytes::close);
        }
    }

    private static boolean isCommitted(SecretBytes dataKey, EnvelopeHeader header) {
        try {
            CommittedKey.verify(dataKey, header.commitment());
            return true;
        } catch (AuthenticationFailedException e) {
            return false;
        }
    }

    /** What a wrap holds; null, and a reason more, when no key opens it. */
    private @Nullable SecretBytes unwrap(KeyWrap wrap, EncryptionContext context, List<String> failures) {
        boolean tried = false;
        for (KeyUnwrapper key : keys) {
            if (!key.accepts(wrap)) {
                continue;
            }
            tried = true;
            try {
                SecretBytes opened = key.unwrap(wrap, context);
                if (opened.length() == EnvelopeKeys.DATA_KEY_BYTES) {
                    return opened;
                }
                opened.close();
                failures.add(wrap.keyId() + ": it wraps no data key");
            } catch (RuntimeException e) {
                // Whatever one provider fails with, another may still open the envelope.
                failures.add(wrap.keyId() + ": " + reason(e));
            }
        }
        if (!tried) {
            failures.add(wrap.keyId() + ": no such key was given");
        }
        return null;
    }

    private static String reason(RuntimeException e) {
        String text = switch (e) {
            case AuthenticationFailedException failed -> "it does not open with this key";
            case KmsException kms ->
                kms.code().wireName() + (kms.getMessage().isEmpty() ? "" : " (" + kms.getMessage() + ")");
            default -> String.valueOf(e.getMessage());
        };
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "…";
    }
}
