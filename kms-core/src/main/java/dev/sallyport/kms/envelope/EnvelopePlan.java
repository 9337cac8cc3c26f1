package dev.sallyport.kms.envelope;

import dev.sallyport.kms.crypto.AesGcm;
import dev.sallyport.kms.crypto.ChaCha20Poly1305;
import dev.sallyport.kms.crypto.SecretBytes;

/** How the segments of an envelope are sealed; specified in {@code docs/segment-stream.md}. */
public enum EnvelopePlan {
    /** AES-256-GCM over segments of 64 KiB, 16 bytes longer each. */
    AES_256_GCM(1, SegmentLayout.SEGMENT_BYTES, AesGcm.TAG_BYTES),

    /**
     * AES-256-GCM inside ChaCha20-Poly1305 over segments of 128 KiB, 32 bytes longer each: who breaks one of the two ciphers
     * still reads nothing.
     */
    CASCADE(2, CascadeKeys.SEGMENT_BYTES, AesGcm.TAG_BYTES + ChaCha20Poly1305.TAG_BYTES);

    private final int code;
    private final int segmentBytes;
    private final int tagBytes;

    EnvelopePlan(int code, int segmentBytes, int tagBytes) {
        this.code = code;
        this.segmentBytes = segmentBytes;
        this.tagBytes = tagBytes;
    }

    /** The number in the header. */
    public int code() {
        return code;
    }

    /** Plaintext of a full segment. */
    public int segmentBytes() {
        return segmentBytes;
    }

    /** What sealing adds to each segment. */
    public int tagBytes() {
        return tagBytes;
    }

    /** Length of a sealed body of {@code plaintextLength} bytes. */
    public long sealedLength(long plaintextLength) {
        long segments = plaintextLength == 0 ? 1 : (plaintextLength - 1) / segmentBytes + 1;
        return plaintextLength + segments * tagBytes;
    }

    /**
     * Length of the plaintext of a sealed body.
     *
     * @throws IllegalArgumentException when no body has that length
     */
    public long plaintextLength(long sealedLength) {
        long segments = (sealedLength - 1) / (segmentBytes + tagBytes) + 1;
        long plaintext = sealedLength - segments * tagBytes;
        if (sealedLength < tagBytes
                || segments > SegmentLayout.MAX_SEGMENTS
                || plaintext < 0
                || sealedLength(plaintext) != sealedLength) {
            throw new IllegalArgumentException("no body has " + sealedLength + " bytes");
        }
        return plaintext;
    }

    SegmentSealer sealer(SecretBytes dataKey, byte[] info) {
        return switch (this) {
            case AES_256_GCM -> new Sealer(dataKey, info);
            case CASCADE -> new CascadeSealer(dataKey, info);
        };
    }

    SegmentOpener opener(SecretBytes dataKey, byte[] info) {
        return switch (this) {
            case AES_256_GCM -> new Opener(dataKey, info);
            case CASCADE -> new CascadeOpener(dataKey, info);
        };
    }
}
