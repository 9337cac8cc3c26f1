package dev.sallyport.gateway.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.List;

/** Finds out what a store makes of keys that file systems have a meaning for. */
final class KeyProbe {
    private static final int NOT_TAKEN = 501;
    private static final int MAX_ANSWER = 64 << 10;
    private static final String BODY = "123456789";

    private final StoreClient client;
    private final EventLoop loop;
    private final String bucket;

    /** @param bucket the store's name of a bucket of the gateway's own */
    KeyProbe(StoreClient client, EventLoop loop, String bucket) {
        this.client = client;
        this.loop = loop;
        this.bucket = bucket;
    }

    /** @param prefix under which nothing is; nothing stays there */
    StoreKeys run(String prefix) {
        boolean literal = !confounds("/" + prefix + "/f", prefix + "/f")
                && !confounds(prefix + "//a", prefix + "/a")
                && !confounds(prefix + "/./b", prefix + "/b")
                && !confounds(prefix + "/d/../c", prefix + "/c");
        return new StoreKeys(literal, isObject(prefix + "/e/"));
    }

    /** Whether what is put under one key is found under the other. */
    private boolean confounds(String put, String other) {
        if (send("PUT", put, BODY) / 100 != 2) {
            return false;
        }
        boolean found = send("HEAD", other, "") / 100 == 2;
        send("DELETE", put, "");
        send("DELETE", other, "");
        return found;
    }

    private boolean isObject(String folder) {
        if (send("PUT", folder, BODY) / 100 != 2) {
            // It says so itself.
            return true;
        }
        try (BackendResponse head = client.execute(loop, request("HEAD", folder), new byte[0])) {
            return head.status() == 200
                    && head.headers().contains("etag")
                    && Integer.toString(BODY.length()).equals(head.headers().get("content-length"));
        } finally {
            send("DELETE", folder, "");
        }
    }

    /** A store that breaks down on a key does not take it. */
    private int send(String method, String key, String body) {
        try (BackendResponse response = client.execute(loop, request(method, key), body.getBytes(US_ASCII))) {
            response.readBody(MAX_ANSWER);
            return response.status();
        } catch (BackendUnavailableException e) {
            return NOT_TAKEN;
        }
    }

    private BackendRequest request(String method, String key) {
        return new BackendRequest(method, bucket, key, List.of(), new DefaultHttpHeaders());
    }
}
