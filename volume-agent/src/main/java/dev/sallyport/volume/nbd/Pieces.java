package dev.sallyport.volume.nbd;

/** Large requests are done in pieces, so that what a request holds does not grow with its length. */
final class Pieces {
    /** In bytes; what the processor's caches hold while the cipher and the kernel pass over it. */
    static final int SIZE = 256 * 1024;

    /** Pieces end at whole sectors, so that only the ends of a request are read, changed and written back. */
    private static final int ALIGNMENT = 4096;

    private Pieces() {}

    /** The length of the piece at {@code position}, with {@code remaining} bytes to go. */
    static int length(long position, long remaining) {
        return (int) Math.min(remaining, SIZE - position % ALIGNMENT);
    }
}
