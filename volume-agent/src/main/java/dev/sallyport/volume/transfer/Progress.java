package dev.sallyport.volume.transfer;

/** Is told how far a copy has come. */
public interface Progress {
    /** Tells nobody. */
    Progress NONE = new Progress() {
        @Override
        public void begin(String what, long done, long size) {}

        @Override
        public void reached(long done) {}

        @Override
        public void end() {}
    };

    /**
     * A part of the work begins.
     *
     * @param what for people: {@code copying} or {@code comparing}
     * @param done bytes that an earlier run did
     * @param size in bytes
     */
    void begin(String what, long done, long size);

    /** @param done bytes, of the size given at the beginning */
    void reached(long done);

    void end();
}
