package dev.sallyport.volume.cli;

import dev.sallyport.kms.crypto.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads secrets from files; they are never arguments, which everybody on the machine can read. */
final class SecretFile {
    private static final int MAX = 8192;

    /** As {@code cryptsetup} is built by default. */
    private static final int MAX_KEY_FILE = 8 << 20;

    private SecretFile() {}

    /** The file's content without one line end; {@code -} is the standard input. */
    static SecretBytes passphrase(Path file) throws IOException {
        byte[] bytes = read(file, MAX);
        int length = bytes.length;
        if (length > 0 && bytes[length - 1] == '\n') {
            length--;
        }
        try {
            if (length == 0 || length > 512) {
                throw new CommandFailedException(ExitCode.WRONG_SECRET, "a passphrase has 1 to 512 bytes");
            }
            return SecretBytes.copyOf(bytes, 0, length);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** A key file as {@code cryptsetup} takes it: every byte of it is the passphrase; at most 8 MiB. */
    static SecretBytes keyFile(Path file) throws IOException {
        byte[] bytes = read(file, MAX_KEY_FILE + 1);
        try {
            if (bytes.length == 0 || bytes.length > MAX_KEY_FILE) {
                throw new CommandFailedException(ExitCode.WRONG_SECRET, "a key file has 1 byte to 8 MiB");
            }
            return SecretBytes.copyOf(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** A volume key as it is: 32 or 64 bytes. */
    static SecretBytes volumeKey(Path file) throws IOException {
        byte[] bytes = read(file, MAX);
        try {
            if (bytes.length != 32 && bytes.length != 64) {
                throw new CommandFailedException(ExitCode.WRONG_SECRET, "a volume key file has 32 or 64 bytes");
            }
            return SecretBytes.copyOf(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static byte[] read(Path file, int limit) throws IOException {
        if (file.toString().equals("-")) {
            return System.in.readNBytes(limit);
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(limit);
        }
    }
}
