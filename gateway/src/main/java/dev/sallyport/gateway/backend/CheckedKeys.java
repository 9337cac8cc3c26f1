package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.s3.S3Errors;
import io.netty.channel.EventLoop;
import java.util.function.Supplier;

/**
 * Keeps from a store the keys that it would take for others. A policy names a key as the client does: were the store to take
 * {@code /a} for {@code a}, who may not touch {@code a} could do so by its other name.
 */
public final class CheckedKeys implements Backend {
    private final Backend store;
    private final Supplier<StoreKeys> keys;

    /** @param keys what the store makes of keys; asked for those only in which stores differ */
    public CheckedKeys(Backend store, Supplier<StoreKeys> keys) {
        this.store = store;
        this.keys = keys;
    }

    @Override
    public BackendResponse execute(EventLoop loop, BackendRequest request, byte[] body) {
        check(request);
        return store.execute(loop, request, body);
    }

    @Override
    public BackendUpload upload(EventLoop loop, BackendRequest request, long contentLength) {
        check(request);
        return store.upload(loop, request, contentLength);
    }

    private void check(BackendRequest request) {
        String key = request.key();
        if (key == null) {
            return;
        }
        // a deletion too: a store of files takes "c/" for the file c
        boolean refused = (isUnusual(key) && !keys.get().literal())
                || (key.endsWith("/") && !keys.get().folders());
        if (!refused) {
            return;
        }
        boolean read = request.method().equals("GET") || request.method().equals("HEAD");
        throw read
                ? S3Errors.noSuchKey(key)
                : S3Errors.invalidArgument("The store cannot hold an object under this key.", "Key", key);
    }

    /** Whether a key has a segment that file systems have a meaning for: an empty one, but at the end, or one of dots. */
    public static boolean isUnusual(String key) {
        int from = 0;
        while (from < key.length()) {
            int slash = key.indexOf('/', from);
            int to = slash < 0 ? key.length() : slash;
            String segment = key.substring(from, to);
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }
}
