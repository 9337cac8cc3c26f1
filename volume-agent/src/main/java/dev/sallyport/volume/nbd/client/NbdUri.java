package dev.sallyport.volume.nbd.client;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where an export is.
 *
 * @param host null on a unix socket
 * @param port of TCP
 * @param socket null on TCP
 * @param export its name; often empty
 * @param tls whether TLS is required
 * @param certificates directory of {@code ca-cert.pem}, {@code client-cert.pem} and {@code client-key.pem}; null for the
 *     system's authorities and no certificate of the client
 * @see <a href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/uri.md">NBD URIs</a>
 */
public record NbdUri(
        @Nullable String host,
        int port,
        @Nullable Path socket,
        String export,
        boolean tls,
        @Nullable Path certificates) {
    private static final int DEFAULT_PORT = 10809;

    /** Whether a text has one of the schemes of NBD. */
    public static boolean is(String text) {
        return text.matches("nbds?(\\+unix)?:.*");
    }

    /**
     * Parses {@code nbd://HOST[:PORT][/EXPORT]}, {@code nbds://…}, {@code nbd+unix:///[EXPORT]?socket=PATH} or
     * {@code nbds+unix://…}, each with {@code tls-certificates=DIRECTORY} where TLS is used.
     *
     * @throws IllegalArgumentException with a message for people
     */
    public static NbdUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("an NBD URI is malformed");
        }
        String scheme = String.valueOf(uri.getScheme());
        if (!is(text) || uri.getRawUserInfo() != null || uri.getPort() > 65_535) {
            throw new IllegalArgumentException(
                    "an NBD URI is nbd://HOST:PORT/EXPORT or nbd+unix:///EXPORT?socket=PATH");
        }
        boolean unix = scheme.endsWith("+unix");
        Path socket = null;
        Path certificates = null;
        for (String pair :
                uri.getRawQuery() == null ? new String[0] : uri.getRawQuery().split("&")) {
            String[] parts = pair.split("=", 2);
            String value =
                    parts.length == 2 ? URLDecoder.decode(parts[1].replace("+", "%2B"), StandardCharsets.UTF_8) : "";
            switch (parts[0]) {
                case "socket" -> socket = Path.of(value);
                case "tls-certificates" -> certificates = Path.of(value);
                default ->
                    throw new IllegalArgumentException("an NBD URI has the parameters socket and tls-certificates");
            }
        }
        if (unix != (socket != null) || unix == (uri.getHost() != null)) {
            throw new IllegalArgumentException("an NBD URI has a host, or with +unix the parameter socket");
        }
        String path = uri.getPath() == null ? "" : uri.getPath();
        return new NbdUri(
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                socket,
                path.startsWith("/") ? path.substring(1) : path,
                scheme.startsWith("nbds"),
                certificates);
    }

    SocketAddress address() {
        return socket != null
                ? UnixDomainSocketAddress.of(socket)
                : new InetSocketAddress(String.valueOf(host).replaceAll("[\\[\\]]", ""), port);
    }
}
