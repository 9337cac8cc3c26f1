package dev.sallyport.gateway.format;

import org.jspecify.annotations.Nullable;

/** The three ways in which an object's bytes lie in the store. */
public enum Layout {
    /** No bytes at all; every proof is in the metadata. */
    EMPTY(0),
    /** Segments of one stream, then the tail. Length and nonce are in the metadata. */
    SINGLE(1),
    /** Parts, each a header and the segments of a stream of its own; then the tail, which holds the manifest. */
    MULTIPART(2);

    private final int code;

    Layout(int code) {
        this.code = code;
    }

    /** The layout's number in the format. */
    public int code() {
        return code;
    }

    static @Nullable Layout ofCode(int code) {
        for (Layout layout : values()) {
            if (layout.code == code) {
                return layout;
            }
        }
        return null;
    }
}
