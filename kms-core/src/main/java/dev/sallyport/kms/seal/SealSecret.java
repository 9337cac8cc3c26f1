package dev.sallyport.kms.seal;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.seal.SealException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What an operator brings to open a seal: a passphrase, or the 32 bytes of a key file. */
public final class SealSecret implements AutoCloseable {
    /** Bytes of a passphrase, at least, when a seal is made. */
    public static final int MIN_PASSPHRASE = 12;

    /** Bytes of a passphrase, at most. */
    public static final int MAX_PASSPHRASE = 1024;

    /** Bytes of a key file, exactly. */
    public static final int KEY_FILE_LENGTH = 32;

    private final SealType type;
    private final SecretBytes bytes;

    private SealSecret(SealType type, SecretBytes bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    /**
     * A passphrase as UTF-8 bytes; one line feed at the end (with a carriage return before it) is not part of it.
     *
     * @param passphrase zeroed by this call
     * @throws SealException {@code BAD_SECRET} when it is empty or over 1,024 bytes
     */
    public static SealSecret passphrase(byte[] passphrase) {
        int length = passphrase.length;
        if (length > 0 && passphrase[length - 1] == '\n') {
            length--;
            if (length > 0 && passphrase[length - 1] == '\r') {
                length--;
            }
        }
        byte[] trimmed = Arrays.copyOf(passphrase, length);
        Arrays.fill(passphrase, (byte) 0);
        if (length == 0 || length > MAX_PASSPHRASE) {
            Arrays.fill(trimmed, (byte) 0);
            throw new SealException(Reason.BAD_SECRET, "the passphrase must have 1 to 1024 bytes");
        }
        return new SealSecret(SealType.PASSPHRASE, SecretBytes.takeOver(trimmed));
    }

    /** The passphrase in a file, see {@link #passphrase}. */
    public static SealSecret passphraseFile(Path file) {
        return passphrase(readAtMost(file, MAX_PASSPHRASE + 2, "passphrase file"));
    }

    /**
     * The key in a file of exactly 32 bytes that only its owner may read.
     *
     * @throws SealException {@code BAD_SECRET} when it is missing, of another length, or open to group or others
     */
    public static SealSecret keyFile(Path file) {
        byte[] bytes = readAtMost(file, KEY_FILE_LENGTH + 1, "key file");
        try {
            Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            mode.removeAll(PosixFilePermissions.fromString("rwx------"));
            if (!mode.isEmpty()) {
                Arrays.fill(bytes, (byte) 0);
                throw new SealException(
                        Reason.BAD_SECRET, "key file " + file + " is open to group or others: chmod 600 it");
            }
        } catch (IOException e) {
            Arrays.fill(bytes, (byte) 0);
            throw new SealException(Reason.BAD_SECRET, "cannot read the mode of key file " + file);
        }
        if (bytes.length != KEY_FILE_LENGTH) {
            Arrays.fill(bytes, (byte) 0);
            throw new SealException(Reason.BAD_SECRET, "key file " + file + " must hold exactly 32 bytes");
        }
        return key(bytes);
    }

    /**
     * The content of a key file.
     *
     * @param key 32 bytes, zeroed by this call
     */
    public static SealSecret key(byte[] key) {
        if (key.length != KEY_FILE_LENGTH) {
            Arrays.fill(key, (byte) 0);
            throw new SealException(Reason.BAD_SECRET, "a key file holds exactly 32 bytes");
        }
        return new SealSecret(SealType.KEY_FILE, SecretBytes.takeOver(key));
    }

    /**
     * Makes a key file of 32 random bytes, mode 0600, durable when this returns.
     *
     * @throws SealException {@code BAD_SECRET} when the file exists or cannot be written
     */
    public static SealSecret newKeyFile(Path file) {
        SecretBytes key = SecretBytes.random(KEY_FILE_LENGTH);
        byte[] bytes = key.exposeCopy();
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            throw new SealException(Reason.BAD_SECRET, "key file " + file + " exists already: it is never overwritten");
        } catch (IOException e) {
            throw new SealException(Reason.BAD_SECRET, "cannot write key file " + file + ": " + e.getMessage());
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent)) {
                directory.force(true);
            } catch (IOException e) {
                throw new SealException(Reason.BAD_SECRET, "cannot sync the directory of key file " + file);
            }
        }
        return new SealSecret(SealType.KEY_FILE, key);
    }

    public SealType type() {
        return type;
    }

    /** Refuses a passphrase too short to protect a new seal; old seals open with whatever they were made with. */
    void checkStrength() {
        if (type == SealType.PASSPHRASE && bytes.length() < MIN_PASSPHRASE) {
            throw new SealException(Reason.BAD_SECRET, "the passphrase must have at least 12 bytes");
        }
    }

    /** A heap copy, to hand the secret to the owner of a key store; the caller must zero it. */
    public byte[] exposeCopy() {
        return bytes.exposeCopy();
    }

    SecretBytes bytes() {
        return bytes;
    }

    private static byte[] readAtMost(Path file, int limit, String what) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(limit);
        } catch (NoSuchFileException e) {
            throw new SealException(Reason.BAD_SECRET, what + " " + file + " does not exist");
        } catch (IOException e) {
            throw new SealException(Reason.BAD_SECRET, "cannot read " + what + " " + file);
        }
    }

    @Override
    public void close() {
        bytes.close();
    }

    @Override
    public String toString() {
        return "SealSecret[" + type + ", redacted]";
    }
}
