package dev.sallyport.kms.envelope;

/** Seals the segments of one stream, in order; closing wipes the keys. */
sealed interface SegmentSealer extends AutoCloseable permits Sealer, CascadeSealer {
    /** Seals the next segment; answers the bytes written, the plan's tags more than {@code length}. */
    int seal(byte[] src, int offset, int length, boolean last, byte[] dst, int dstOffset);

    @Override
    void close();
}
