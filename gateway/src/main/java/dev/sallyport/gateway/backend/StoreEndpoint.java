package dev.sallyport.gateway.backend;

import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the store is and how it is spoken to.
 *
 * @param url scheme ({@code http} or {@code https}), host and, unless the scheme's own, port
 * @param region that requests are signed for
 * @param pathStyle whether the bucket is the first segment of the path, else the first label of the host
 * @param tls for {@code https}: with the CA that the store's certificate must come from; null for {@code http}
 * @param maxConnections of one event loop
 * @param connectTimeout for connecting, TLS included, and for waiting for a connection when all are in use
 * @param stallTimeout for the store to make progress while it is its turn
 */
public record StoreEndpoint(
        URI url,
        String region,
        boolean pathStyle,
        @Nullable SslContext tls,
        int maxConnections,
        Duration connectTimeout,
        Duration stallTimeout) {
    public StoreEndpoint {
        String scheme = url.getScheme();
        if (url.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new IllegalArgumentException("a store's URL is http://host:port or https://host:port");
        }
        if ("https".equals(scheme) != (tls != null)) {
            throw new IllegalArgumentException("TLS for https, and only then");
        }
        if (maxConnections < 1) {
            throw new IllegalArgumentException("at least one connection");
        }
    }

    /** With the limits that suit most: 512 connections a loop, 5 s to connect, 60 s without progress. */
    public static StoreEndpoint of(URI url, String region, boolean pathStyle, @Nullable SslContext tls) {
        return new StoreEndpoint(url, region, pathStyle, tls, 512, Duration.ofSeconds(5), Duration.ofSeconds(60));
    }

    int port() {
        return url.getPort() >= 0 ? url.getPort() : defaultPort();
    }

    private int defaultPort() {
        return tls != null ? 443 : 80;
    }

    /** The Host header for a bucket; null for the service. */
    String host(@Nullable String bucket) {
        String host = bucket == null || pathStyle ? url.getHost() : bucket + '.' + url.getHost();
        return port() == defaultPort() ? host : host + ':' + port();
    }
}
