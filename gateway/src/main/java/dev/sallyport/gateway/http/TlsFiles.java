package dev.sallyport.gateway.http;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificate chain and private key, as PEM files that may be replaced while it runs: new connections get the
 * new ones. A pair that does not load leaves the old one in use, and is logged. BoringSSL where its library loads, else the
 * JDK; TLS 1.2 and 1.3.
 */
public final class TlsFiles {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);

    private final Path certificate;
    private final Path key;
    private volatile Loaded loaded;

    /**
     * @param certificate the chain, leaf first, in PEM
     * @param key PKCS#8 in PEM, not encrypted
     * @throws IOException when they cannot be read, or do not fit together
     */
    public TlsFiles(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        loaded = load();
    }

    SslContext context() {
        return loaded.context;
    }

    /** Looks whether the files changed; whether new ones were taken into use. */
    public boolean reloadIfChanged() {
        try {
            if (stamp().equals(loaded.stamp)) {
                return false;
            }
            loaded = load();
            LOG.info("took the TLS certificate {} into use", certificate);
            return true;
        } catch (IOException e) {
            LOG.warn("kept the old TLS certificate: {}", e.getMessage());
            return false;
        }
    }

    private Loaded load() throws IOException {
        String stamp = stamp();
        try {
            SslContext context = SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
            return new Loaded(stamp, context);
        } catch (IllegalArgumentException | IOException e) {
            // the cause may quote the file, so it is not passed on
            throw new IOException("cannot use TLS certificate " + certificate + " with key " + key);
        }
    }

    private String stamp() throws IOException {
        return stampOf(certificate) + '|' + stampOf(key);
    }

    private static String stampOf(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file).to(java.util.concurrent.TimeUnit.NANOSECONDS) + "/"
                    + Files.size(file) + '/' + file.toRealPath();
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("no such file: " + file, e);
        }
    }

    private record Loaded(String stamp, SslContext context) {}
}
