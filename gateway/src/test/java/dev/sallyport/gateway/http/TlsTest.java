package dev.sallyport.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
    @TempDir
    Path directory;

    private EventLoopGroup loops;
    private Path certificate;
    private Path key;

    @BeforeEach
    void setUp() throws Exception {
        loops = Transport.here().newEventLoops(1, "tls-test");
        certificate = directory.resolve("cert.pem");
        key = directory.resolve("key.pem");
        write("one");
    }

    @AfterEach
    void tearDown() {
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** A fresh self-signed pair, by the JDK's own tool. */
    private void write(String name) throws Exception {
        Path store = directory.resolve(name + ".p12");
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "k",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        assertThat(tool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        KeyStore loaded = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            loaded.load(in, "changeit".toCharArray());
        }
        pem(certificate, "CERTIFICATE", loaded.getCertificate("k").getEncoded());
        pem(key, "PRIVATE KEY", loaded.getKey("k", "changeit".toCharArray()).getEncoded());
    }

    private static void pem(Path file, String type, byte[] der) throws IOException {
        Files.writeString(
                file,
                "-----BEGIN " + type + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END " + type + "-----\n");
    }

    private HttpServer start(TlsFiles tls) throws IOException {
        return HttpServer.builder(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        exchange -> exchange.respond(
                                200,
                                new DefaultHttpHeaders(),
                                (exchange.tlsVersion() + " " + exchange.secure()).getBytes(StandardCharsets.US_ASCII)))
                .tls(tls)
                .start(loops);
    }

    private static SSLSocket connect(HttpServer server, String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAnything()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.address().getPort());
        socket.setSoTimeout(10_000);
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    private static BigInteger serial(HttpServer server) throws Exception {
        try (SSLSocket socket = connect(server, "TLSv1.3")) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
        }
    }

    @Test
    void servesTls12And13AndTellsTheHandler() throws Exception {
        try (HttpServer server = start(new TlsFiles(certificate, key))) {
            for (String protocol : new String[] {"TLSv1.2", "TLSv1.3"}) {
                try (SSLSocket socket = connect(server, protocol)) {
                    socket.getOutputStream()
                            .write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                            .endsWith(protocol + " true");
                }
            }
        }
    }

    @Test
    void takesReplacedFilesAndKeepsTheOldOnesWhenTheNewDoNotLoad() throws Exception {
        TlsFiles tls = new TlsFiles(certificate, key);
        try (HttpServer server = start(tls)) {
            BigInteger first = serial(server);
            assertThat(tls.reloadIfChanged()).isFalse();
            Files.writeString(key, "no key at all");
            assertThat(tls.reloadIfChanged()).isFalse();
            assertThat(serial(server)).isEqualTo(first);
            write("two");
            BigInteger now = first;
            for (int i = 0; i < 100 && now.equals(first); i++) {
                Thread.sleep(100);
                now = serial(server);
            }
            assertThat(now).as("the server looks by itself").isNotEqualTo(first);
        }
    }

    @Test
    void answersPlainHttpOnATlsPortWithNothing() throws Exception {
        try (HttpServer server = start(new TlsFiles(certificate, key));
                RawClient client = new RawClient(server.address())) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").readAll())
                    .doesNotContain("HTTP/1.1 200");
        }
    }

    @Test
    void saysInALineWhatDoesNotLoad() throws Exception {
        Files.writeString(key, "no key at all");
        assertThatThrownBy(() -> new TlsFiles(certificate, key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot use TLS certificate");
        Files.delete(key);
        assertThatThrownBy(() -> new TlsFiles(certificate, key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no such file");
    }

    private static final class TrustAnything implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
