package dev.sallyport.kms.envelope;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Envelopes in memory, for tests. */
public final class Envelopes {
    private Envelopes() {}

    /** Byte i is (i + i / 256) mod 256. */
    public static byte[] plaintext(int length) {
        byte[] plaintext = new byte[length];
        for (int i = 0; i < length; i++) {
            plaintext[i] = (byte) (i + i / 256);
        }
        return plaintext;
    }

    public static byte[] seal(EnvelopeWriter writer, byte[] plaintext) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.seal(new ByteArrayInputStream(plaintext), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static byte[] open(byte[] envelope, KeyUnwrapper... keys) throws IOException {
        return open(EnvelopeReader.with(List.of(keys)), envelope);
    }

    public static byte[] open(EnvelopeReader reader, byte[] envelope) throws IOException {
        try (EnvelopeInputStream in = reader.open(new ByteArrayInputStream(envelope))) {
            return in.readAllBytes();
        }
    }

    /** Why it does not open; null when it does. */
    public static EnvelopeException.@Nullable Reason refusal(byte[] envelope, KeyUnwrapper... keys) {
        try {
            open(envelope, keys);
            return null;
        } catch (EnvelopeException e) {
            String message = String.valueOf(e.getMessage());
            if (message.isEmpty() || message.contains("\n")) {
                throw new AssertionError("not one line: " + message);
            }
            return e.reason();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A stream that gives a byte or a few at a time. */
    static InputStream trickling(byte[] bytes) {
        ByteArrayInputStream all = new ByteArrayInputStream(bytes);
        return new InputStream() {
            @Override
            public int read() {
                return all.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                return all.read(into, offset, Math.min(length, 1 + all.available() % 977));
            }
        };
    }
}
