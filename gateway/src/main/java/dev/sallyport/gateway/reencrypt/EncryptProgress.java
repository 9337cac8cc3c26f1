package dev.sallyport.gateway.reencrypt;

/** Hears how a run goes on. Called by one thread at a time. */
public interface EncryptProgress {
    /** After each page of keys, and at the end. */
    void at(Counts counts);

    /** One object was not encrypted; the run goes on. */
    void failed(String key, String why);

    /**
     * How far a run is.
     *
     * @param total keys that were there when it began
     * @param encrypted under the wanted key now
     * @param skipped under it already, or gone
     * @param failed neither
     */
    record Counts(long total, long encrypted, long skipped, long failed) {
        /** Keys that were looked at. */
        public long done() {
            return encrypted + skipped + failed;
        }
    }
}
