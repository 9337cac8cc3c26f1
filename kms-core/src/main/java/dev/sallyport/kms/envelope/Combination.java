package dev.sallyport.kms.envelope;

/** How the master keys of an envelope belong together. */
public enum Combination {
    /** One master key. */
    SINGLE(1),

    /** The data key is wrapped under each of several master keys; any one opens. */
    ANY_OF(2),

    /** The data key is derived from several shares, each wrapped under its own master key; all are needed. */
    ALL_OF(3);

    private final int code;

    Combination(int code) {
        this.code = code;
    }

    /** The number in the header. */
    public int code() {
        return code;
    }

    boolean allows(int wraps) {
        return this == SINGLE ? wraps == 1 : wraps >= 2 && wraps <= EnvelopeHeader.MAX_WRAPS;
    }
}
