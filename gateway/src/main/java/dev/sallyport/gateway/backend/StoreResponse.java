package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The head of an answer of the store, and the way to its body. */
final class StoreResponse implements BackendResponse {
    private final StoreExchange exchange;
    private final int status;
    private final HttpHeaders headers;
    private final byte @Nullable [] here;

    /** @param whole the body, if it is here already */
    StoreResponse(StoreExchange exchange, int status, HttpHeaders headers, byte @Nullable [] whole) {
        this.exchange = exchange;
        this.status = status;
        this.headers = headers;
        this.here = whole;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public HttpHeaders headers() {
        return headers;
    }

    @Override
    public ByteSource body() {
        return exchange;
    }

    @Override
    public byte[] readBody(int limit) {
        if (here != null) {
            if (here.length > limit) {
                throw tooLong(limit);
            }
            return here;
        }
        Collector collector = new Collector(limit);
        exchange.start(collector);
        return Waiting.await(collector.whole, exchange);
    }

    @Override
    public void close() {
        if (here == null) {
            exchange.cancel();
        }
    }

    private static BackendUnavailableException tooLong(int limit) {
        return new BackendUnavailableException("the store's answer has more than " + limit + " bytes");
    }

    private final class Collector implements ByteSink {
        private final int limit;
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private byte[] bytes;
        private int length;

        Collector(int limit) {
            this.limit = limit;
            String declared = headers.get("content-length");
            int expected = 4_096;
            if (declared != null && declared.length() < 10) {
                expected = Math.min(limit, Integer.parseInt(declared));
            }
            bytes = new byte[expected];
        }

        @Override
        public void write(ByteBuf data) {
            int count = data.readableBytes();
            if (whole.isDone() || count > limit - length) {
                data.release();
                if (!whole.isDone()) {
                    whole.completeExceptionally(tooLong(limit));
                    exchange.cancel();
                }
                return;
            }
            if (count > bytes.length - length) {
                bytes = java.util.Arrays.copyOf(
                        bytes, (int) Math.min(limit, Math.max(2L * bytes.length, length + count)));
            }
            data.readBytes(bytes, length, count);
            data.release();
            length += count;
        }

        @Override
        public void complete() {
            whole.complete(length == bytes.length ? bytes : java.util.Arrays.copyOf(bytes, length));
        }

        @Override
        public void fail(Throwable cause) {
            whole.completeExceptionally(cause);
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void onWritabilityChanged(Runnable listener) {
            // Always writable.
        }
    }
}
