package dev.sallyport.kms.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Secret bytes outside the Java heap, so that the collector never copies them, zeroed on {@link #close()} and redacted in
 * {@link #toString()}.
 *
 * <p>Reading the raw bytes is possible through {@link #use} and {@link #exposeCopy} only, so that every such place is found
 * by searching for these two names. Instances are safe for use by several threads; using a closed one throws
 * {@link IllegalStateException}.
 */
public final class SecretBytes implements AutoCloseable {
    /**
     * Freed by the collector once unreachable, and zeroed by close: closing a shared arena instead stops every thread of
     * the JVM for a moment, which the data path cannot afford.
     */
    private final MemorySegment memory;

    private boolean closed;

    private SecretBytes(int length) {
        memory = Arena.ofAuto().allocate(Math.max(1, length)).asSlice(0, length);
    }

    /** A copy of {@code source}, which stays as it is: the caller wipes it. */
    public static SecretBytes copyOf(byte[] source) {
        return copyOf(source, 0, source.length);
    }

    /** A copy of a part of {@code source}, which stays as it is: the caller wipes it. */
    public static SecretBytes copyOf(byte[] source, int offset, int length) {
        SecretBytes secret = new SecretBytes(length);
        MemorySegment.copy(source, offset, secret.memory, ValueLayout.JAVA_BYTE, 0, length);
        return secret;
    }

    /** Takes the bytes over: {@code source} is zeroed. */
    public static SecretBytes takeOver(byte[] source) {
        SecretBytes secret = copyOf(source);
        Arrays.fill(source, (byte) 0);
        return secret;
    }

    /** {@code length} bytes of the system's secure random generator. */
    public static SecretBytes random(int length) {
        return takeOver(RandomBytes.of(length));
    }

    /** Length in bytes. */
    public int length() {
        return (int) memory.byteSize();
    }

    /** Runs {@code action} on a heap copy that is zeroed when it returns or throws; the action must not keep it. */
    public <T> T use(Function<byte[], T> action) {
        byte[] copy = exposeCopy();
        try {
            return action.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /** A heap copy that the caller must zero after use. */
    public synchronized byte[] exposeCopy() {
        requireOpen();
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    /** A new secret with {@code length} of these bytes from {@code offset} on. */
    public synchronized SecretBytes slice(int offset, int length) {
        requireOpen();
        SecretBytes part = new SecretBytes(length);
        MemorySegment.copy(memory, offset, part.memory, 0, length);
        return part;
    }

    /** Zeroes the memory; closing twice is harmless. */
    @Override
    public synchronized void close() {
        closed = true;
        memory.fill((byte) 0);
    }

    @Override
    public String toString() {
        return "SecretBytes[redacted]";
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("secret is closed");
        }
    }
}
