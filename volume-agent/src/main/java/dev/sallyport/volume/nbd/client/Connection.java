package dev.sallyport.volume.nbd.client;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The bytes to and from a server, in the clear or, on TCP, under TLS. */
final class Connection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 15_000;

    /** Longer than any disk takes that still works. */
    private static final int ANSWER_MILLIS = 120_000;

    private static final int BUFFER = 64 * 1024;

    private final @Nullable Socket plain;
    private AutoCloseable transport;
    private DataInputStream in;
    private DataOutputStream out;

    private Connection(@Nullable Socket plain, AutoCloseable transport, DataInputStream in, DataOutputStream out) {
        this.plain = plain;
        this.transport = transport;
        this.in = in;
        this.out = out;
    }

    static Connection open(SocketAddress address) throws IOException {
        if (address instanceof UnixDomainSocketAddress) {
            SocketChannel channel = SocketChannel.open(address);
            return new Connection(
                    null,
                    channel,
                    new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), BUFFER)),
                    new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)));
        }
        Socket socket = new Socket();
        try {
            socket.connect(address, CONNECT_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.setTcpNoDelay(true);
            return new Connection(socket, socket, input(socket), output(socket));
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    DataInputStream in() {
        return in;
    }

    DataOutputStream out() {
        return out;
    }

    /** Goes on under TLS; the server's certificate must be for {@code host}. */
    void startTls(String host, @Nullable Path certificates) throws IOException {
        if (plain == null) {
            throw NbdException.protocol("TLS on a unix socket is not supported");
        }
        if (in.available() > 0) {
            throw NbdException.protocol("the server sent bytes in the clear after TLS was agreed on");
        }
        SSLSocket socket =
                (SSLSocket) context(certificates).getSocketFactory().createSocket(plain, host, plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        transport = socket;
        in = input(socket);
        out = output(socket);
    }

    private static SSLContext context(@Nullable Path certificates) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        if (certificates != null) {
            Path authorities = certificates.resolve("ca-cert.pem");
            Path certificate = certificates.resolve("client-cert.pem");
            try {
                builder.trustManager(authorities.toFile());
                if (Files.exists(certificate)) {
                    builder.keyManager(
                            certificate.toFile(),
                            certificates.resolve("client-key.pem").toFile());
                }
            } catch (IllegalArgumentException e) {
                throw new SSLException("the certificates or the key in " + certificates + " cannot be read as PEM");
            }
        }
        return ((JdkSslContext) builder.build()).context();
    }

    private static DataInputStream input(Socket socket) throws IOException {
        return new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
    }

    private static DataOutputStream output(Socket socket) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BUFFER));
    }

    @Override
    public void close() throws IOException {
        try {
            transport.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
