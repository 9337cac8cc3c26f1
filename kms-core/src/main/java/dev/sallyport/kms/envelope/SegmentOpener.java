package dev.sallyport.kms.envelope;

/** Opens segments of one stream; closing wipes the keys. */
sealed interface SegmentOpener extends AutoCloseable permits Opener, CascadeOpener {
    /**
     * Opens one segment; answers the bytes of plaintext.
     *
     * @throws dev.sallyport.kms.crypto.AuthenticationFailedException when it is not that segment, unaltered; nothing of the
     *     plaintext is then in {@code dst}
     */
    int open(byte[] src, int offset, int length, long segmentIndex, boolean last, byte[] dst, int dstOffset);

    @Override
    void close();
}
