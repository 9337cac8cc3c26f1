package dev.sallyport.volume.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.volume.nbd.client.NbdClient;
import dev.sallyport.volume.nbd.client.NbdUri;
import dev.sallyport.volume.testing.MemoryDevice;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates that the JDK's keytool makes: who has none of the right authority is told nothing. */
@Timeout(120)
class TlsIT {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    private NbdServer server;

    @BeforeEach
    void serve() throws Exception {
        for (String name : new String[] {"server", "client", "stranger"}) {
            keytool(name);
        }
        server = NbdServer.onTcp(
                new Export("vol", "", new MemoryDevice(1 << 20), false),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                SslContextBuilder.forServer(
                                pem("server-cert.pem").toFile(),
                                pem("server-key.pem").toFile())
                        .trustManager(pem("client-cert.pem").toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build());
    }

    @AfterEach
    void end() {
        server.close();
    }

    private Path pem(String name) {
        return directory.resolve(name);
    }

    private void keytool(String name) throws Exception {
        Path store = directory.resolve(name + ".p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        KeyStore keys = load(name);
        write(name + "-cert.pem", "CERTIFICATE", keys.getCertificate(name).getEncoded());
        write(
                name + "-key.pem",
                "PRIVATE KEY",
                keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
    }

    private void write(String file, String kind, byte[] bytes) throws IOException {
        Files.writeString(
                pem(file),
                "-----BEGIN " + kind + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + kind
                        + "-----\n");
    }

    private KeyStore load(String name) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".p12"))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    /** Trusts any server: what is tested is whether the server trusts the client. */
    private SSLContext context(String name) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        if (!name.isEmpty()) {
            keys.init(load(name), PASSWORD.toCharArray());
        }
        context.init(name.isEmpty() ? null : keys.getKeyManagers(), new TrustManager[] {new TrustsAll()}, null);
        return context;
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void tellsNothingBeforeTls() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            for (int option : new int[] {
                Nbd.OPT_LIST, Nbd.OPT_STRUCTURED_REPLY, Nbd.OPT_EXTENDED_HEADERS, Nbd.OPT_LIST_META_CONTEXT, 99
            }) {
                assertThat(raw.ask(option)).isEqualTo(Nbd.REP_ERR_TLS_REQD);
            }
            assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info("vol"))).isEqualTo(Nbd.REP_ERR_TLS_REQD);
            assertThat(raw.ask(Nbd.OPT_INFO, RawNbd.info("other"))).isEqualTo(Nbd.REP_ERR_TLS_REQD);
            assertThat(raw.ask(Nbd.OPT_STARTTLS, (byte) 1)).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(raw.ask(Nbd.OPT_ABORT)).isEqualTo(Nbd.REP_ACK);
        }
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            raw.option(Nbd.OPT_EXPORT_NAME, 0);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void servesAClientWhoseCertificateIsTrusted() throws Exception {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            assertThat(raw.ask(Nbd.OPT_STARTTLS)).isEqualTo(Nbd.REP_ACK);
            raw.startTls(context("client"));
            assertThat(raw.ask(Nbd.OPT_STARTTLS)).isEqualTo(Nbd.REP_ERR_INVALID);
            // nothing that was agreed on before TLS would count; this is the first that does
            assertThat(raw.ask(Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("vol", Nbd.BASE_ALLOCATION)))
                    .isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info("vol"))).isEqualTo(Nbd.REP_ACK);
            assertThat(raw.read(0, 4096)).isEqualTo(new byte[4096]);
        }
    }

    @Test
    void hangsUpOnClientsWithoutACertificateOrWithAnother() throws Exception {
        for (String name : new String[] {"", "stranger"}) {
            try (RawNbd raw = RawNbd.greeted(server.port())) {
                assertThat(raw.ask(Nbd.OPT_STARTTLS)).isEqualTo(Nbd.REP_ACK);
                SSLContext context = context(name);
                assertThatThrownBy(() -> {
                            raw.startTls(context);
                            raw.ask(Nbd.OPT_LIST);
                        })
                        .as(name)
                        .isInstanceOf(IOException.class);
            }
        }
        assertThat(server.connections()).isZero();
    }

    @Test
    void hangsUpOnBytesInTheClearBehindStartTls() throws Exception {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            byte[] injected = RawNbd.info("vol");
            java.nio.ByteBuffer both = java.nio.ByteBuffer.allocate(32 + injected.length);
            both.putLong(Nbd.OPTION_MAGIC).putInt(Nbd.OPT_STARTTLS).putInt(0);
            both.putLong(Nbd.OPTION_MAGIC)
                    .putInt(Nbd.OPT_GO)
                    .putInt(injected.length)
                    .put(injected);
            raw.out.write(both.array());
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void theClientOfImportsSpeaksTlsToo() throws Exception {
        Path certificates = Files.createDirectory(directory.resolve("pki"));
        Files.copy(pem("server-cert.pem"), certificates.resolve("ca-cert.pem"));
        Files.copy(pem("client-cert.pem"), certificates.resolve("client-cert.pem"));
        Files.copy(pem("client-key.pem"), certificates.resolve("client-key.pem"));
        String place = "://localhost:" + server.port() + "/vol";
        try (NbdClient client = NbdClient.connect(NbdUri.parse("nbds" + place + "?tls-certificates=" + certificates))) {
            byte[] data = {1, 2, 3};
            client.write(7, data.clone(), 0, 3, true);
            byte[] read = new byte[3];
            client.read(7, read, 0, 3);
            assertThat(read).isEqualTo(data);
        }
        assertThatThrownBy(() -> NbdClient.connect(NbdUri.parse("nbd" + place))).hasMessageContaining("requires TLS");
        // a server whose authority is not trusted
        Files.copy(
                pem("stranger-cert.pem"),
                certificates.resolve("ca-cert.pem"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> NbdClient.connect(NbdUri.parse("nbds" + place + "?tls-certificates=" + certificates)))
                .isInstanceOf(IOException.class);
    }
}
