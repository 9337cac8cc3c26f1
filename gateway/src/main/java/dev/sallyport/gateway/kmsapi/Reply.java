package dev.sallyport.gateway.kmsapi;

import java.util.Map;

/** An HTTP answer, whole in memory. A class and no record, since it holds an array. */
public final class Reply {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    Reply(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = Map.copyOf(headers);
        this.body = body;
    }

    public int status() {
        return status;
    }

    public Map<String, String> headers() {
        return headers;
    }

    /** Not a copy: it may hold a plaintext data key, which need not be in memory twice. */
    public byte[] body() {
        return body;
    }
}
