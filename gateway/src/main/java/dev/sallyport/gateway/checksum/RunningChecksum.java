package dev.sallyport.gateway.checksum;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** A checksum that is computed as bytes flow. Not safe for use by several threads at once. */
public abstract sealed class RunningChecksum {
    private RunningChecksum() {}

    /** Starts a checksum. */
    public static RunningChecksum of(ChecksumAlgorithm algorithm) {
        return switch (algorithm) {
            case CRC32 -> new Cyclic(new CRC32(), algorithm.length());
            case CRC32C -> new Cyclic(new CRC32C(), algorithm.length());
            case CRC64NVME -> new Cyclic(Crc64Nvme.create(), algorithm.length());
            case SHA1 -> new Digest("SHA-1");
            case SHA256 -> new Digest("SHA-256");
        };
    }

    /** Starts the digest of {@code Content-MD5}. */
    public static RunningChecksum md5() {
        return new Digest("MD5");
    }

    public abstract void update(byte[] bytes, int offset, int length);

    /** The checksum of all bytes so far, big-endian; ends the computation. */
    public abstract byte[] finish();

    /** The checksum as S3 writes it: base64. */
    public final String finishBase64() {
        return Base64.getEncoder().encodeToString(finish());
    }

    private static final class Cyclic extends RunningChecksum {
        private final Checksum checksum;
        private final int length;

        Cyclic(Checksum checksum, int length) {
            this.checksum = checksum;
            this.length = length;
        }

        @Override
        public void update(byte[] bytes, int offset, int count) {
            checksum.update(bytes, offset, count);
        }

        @Override
        public byte[] finish() {
            long value = checksum.getValue();
            byte[] bytes = new byte[length];
            for (int i = length - 1; i >= 0; i--) {
                bytes[i] = (byte) value;
                value >>>= 8;
            }
            return bytes;
        }
    }

    private static final class Digest extends RunningChecksum {
        private final MessageDigest digest;

        Digest(String name) {
            try {
                digest = MessageDigest.getInstance(name);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has " + name, e);
            }
        }

        @Override
        public void update(byte[] bytes, int offset, int length) {
            digest.update(bytes, offset, length);
        }

        @Override
        public byte[] finish() {
            return digest.digest();
        }
    }
}
