package dev.sallyport.gateway.backend;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** A PEM file of the authorities that a server's certificate may come from, instead of the JDK's. */
public final class Authorities {
    private Authorities() {}

    /** @throws IOException when the file cannot be read, or holds no certificates */
    public static TrustManagerFactory read(Path ca) throws IOException {
        try (InputStream pem = Files.newInputStream(ca)) {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            int number = 0;
            for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                anchors.setCertificateEntry("authority-" + number++, authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(anchors);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificates in " + ca, e);
        }
    }

    /** Makes an HTTP client trust these and no others. */
    public static void trust(OkHttpClient.Builder http, Path ca) throws IOException {
        TrustManagerFactory factory = read(ca);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    http.sslSocketFactory(context.getSocketFactory(), x509);
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificates in " + ca, e);
        }
    }
}
