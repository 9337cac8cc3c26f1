package dev.sallyport.volume.cli;

import dev.sallyport.volume.host.Systemd;
import dev.sallyport.volume.host.Systemd.PassedSocket;
import dev.sallyport.volume.nbd.Export;
import dev.sallyport.volume.nbd.NbdServer;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a volume is served: a unix socket, TCP, or a socket that systemd passes. */
final class ListenOptions {
    @Option(names = "--socket", paramLabel = "PATH", description = "Unix socket to serve on; must not exist yet.")
    private @Nullable Path socket;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "TCP address to serve on; port 0 takes a free one. Beyond loopback only with TLS.")
    private @Nullable String listen;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain (PEM) of this server.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key (PKCS#8 PEM) of this server.")
    private @Nullable Path privateKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Whose client certificates are accepted (PEM).")
    private @Nullable Path clientCa;

    @Option(names = "--insecure-plain-tcp", description = "Allow TCP without TLS beyond loopback.")
    private boolean plainTcp;

    /**
     * Checks that one place is named.
     *
     * @return systemd's socket, when the command line names no place
     */
    Optional<PassedSocket> choose(Systemd systemd) throws IOException {
        if (socket != null && listen != null) {
            throw new CommandFailedException(ExitCode.USAGE, "give either --socket or --listen");
        }
        if (socket != null || listen != null) {
            return Optional.empty();
        }
        Optional<PassedSocket> passed = systemd.passedSocket();
        if (passed.isEmpty()) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "give --socket or --listen, or start it by a socket unit of systemd");
        }
        return passed;
    }

    /** Serves there. */
    NbdServer open(Export export, Optional<PassedSocket> passed) throws IOException {
        if (passed.isPresent()) {
            PassedSocket inherited = passed.get();
            SslContext tls = inherited.address() instanceof InetSocketAddress tcp ? tlsFor(tcp) : null;
            return NbdServer.onInherited(export, inherited.fd(), inherited.address(), tls);
        }
        if (socket != null) {
            return NbdServer.onUnixSocket(export, socket);
        }
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host()), port());
        return NbdServer.onTcp(export, address, tlsFor(address));
    }

    /** Where clients find it. */
    String uri(NbdServer server, Optional<PassedSocket> passed) {
        if (passed.isPresent()) {
            return switch (passed.get().address()) {
                case UnixDomainSocketAddress unix -> unixUri(unix.getPath());
                case InetSocketAddress tcp -> tcpUri(tcp.getAddress().getHostAddress(), tcp.getPort());
                default -> passed.get().address().toString();
            };
        }
        return socket != null ? unixUri(socket) : tcpUri(host(), server.port());
    }

    /** Takes away what was made here; what systemd passed is systemd's. */
    void remove() throws IOException {
        if (socket != null) {
            Files.deleteIfExists(socket);
        }
    }

    private static String unixUri(Path path) {
        return "nbd+unix:///?socket=" + path.toAbsolutePath();
    }

    private String tcpUri(String host, int port) {
        boolean bare = host.contains(":") && !host.startsWith("[");
        return "nbd" + (certificate == null ? "" : "s") + "://" + (bare ? "[" + host + "]" : host) + ":" + port;
    }

    private @Nullable SslContext tlsFor(InetSocketAddress address) throws IOException {
        SslContext tls = tls();
        if (tls == null && !plainTcp && !address.getAddress().isLoopbackAddress()) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "plain TCP beyond loopback shows the volume to the network: give --tls-cert, --tls-key and"
                            + " --tls-client-ca");
        }
        return tls;
    }

    private @Nullable SslContext tls() throws IOException {
        if (certificate == null && privateKey == null && clientCa == null) {
            return null;
        }
        if (certificate == null || privateKey == null || clientCa == null) {
            throw new CommandFailedException(ExitCode.USAGE, "--tls-cert, --tls-key and --tls-client-ca go together");
        }
        try {
            return SslContextBuilder.forServer(certificate.toFile(), privateKey.toFile())
                    .trustManager(clientCa.toFile())
                    .clientAuth(ClientAuth.REQUIRE)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.FAILED, "certificate, key or CA cannot be read as PEM");
        }
    }

    private String host() {
        String text = listen == null ? "" : listen;
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new CommandFailedException(ExitCode.USAGE, "--listen is HOST:PORT");
        }
        return text.substring(0, colon);
    }

    private int port() {
        String text = listen == null ? "" : listen;
        String digits = text.substring(text.lastIndexOf(':') + 1);
        if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 65535) {
            throw new CommandFailedException(ExitCode.USAGE, "--listen is HOST:PORT");
        }
        return Integer.parseInt(digits);
    }
}
