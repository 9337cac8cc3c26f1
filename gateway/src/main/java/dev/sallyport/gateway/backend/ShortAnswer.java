package dev.sallyport.gateway.backend;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/** An answer that is handed on only when it is here whole, so that whoever waits for it is woken once. */
final class ShortAnswer {
    /** The longest body that is gathered, in bytes: a sealed segment and what follows it. */
    private static final int MOST = 68 << 10;

    private final HttpResponse head;
    private final byte[] bytes;
    private int filled;

    private ShortAnswer(HttpResponse head, int length) {
        this.head = head;
        this.bytes = new byte[length];
    }

    /** Null when the answer is long, or of unknown length. */
    static @Nullable ShortAnswer of(HttpResponse head, boolean bodiless) {
        if (bodiless) {
            return new ShortAnswer(head, 0);
        }
        if (HttpUtil.isTransferEncodingChunked(head)) {
            return null;
        }
        String declared = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        if (declared == null || declared.length() > 6) {
            return null;
        }
        int length = Integer.parseInt(declared);
        return length <= MOST ? new ShortAnswer(head, length) : null;
    }

    /** Takes the buffer over. The decoder gives no more than was declared. */
    void add(ByteBuf data) {
        int count = data.readableBytes();
        data.readBytes(bytes, filled, count);
        filled += count;
        data.release();
    }

    int status() {
        return head.status().code();
    }

    HttpHeaders headers() {
        return head.headers();
    }

    byte[] bytes() {
        return bytes;
    }
}
