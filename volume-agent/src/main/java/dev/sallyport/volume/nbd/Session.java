package dev.sallyport.volume.nbd;

/** What one connection has negotiated so far. Confined to its event loop. */
final class Session {
    boolean noZeroes;
    boolean tls;
    boolean structuredReplies;
    boolean extendedHeaders;
    boolean baseAllocation;

    /** The export name that {@link #baseAllocation} was agreed on for: it holds for no other, not even an alias. */
    String contextExport = "";

    /** After STARTTLS all that was agreed before counts for nothing: it could be an attacker's. */
    void reset() {
        structuredReplies = false;
        extendedHeaders = false;
        baseAllocation = false;
        contextExport = "";
    }
}
