package dev.sallyport.gateway;

import dev.sallyport.gateway.admin.AdminEndpoint;
import dev.sallyport.gateway.admin.Metrics;
import dev.sallyport.gateway.admin.Readiness;
import dev.sallyport.gateway.auth.SigV4Signer;
import dev.sallyport.gateway.auth.SigV4Verifier;
import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.CheckedKeys;
import dev.sallyport.gateway.backend.StoreClient;
import dev.sallyport.gateway.backend.StoreControl;
import dev.sallyport.gateway.backend.StoreEndpoint;
import dev.sallyport.gateway.backend.StoreProbe;
import dev.sallyport.gateway.config.GatewayConfig;
import dev.sallyport.gateway.config.RemoteKmsConfig;
import dev.sallyport.gateway.config.SealSecrets;
import dev.sallyport.gateway.config.StoreConfig;
import dev.sallyport.gateway.config.StoreCredentials;
import dev.sallyport.gateway.config.TlsConfig;
import dev.sallyport.gateway.http.AccessLog;
import dev.sallyport.gateway.http.HttpServer;
import dev.sallyport.gateway.http.ServerListener;
import dev.sallyport.gateway.http.TlsFiles;
import dev.sallyport.gateway.http.Transport;
import dev.sallyport.gateway.http.TrustedProxies;
import dev.sallyport.gateway.kmsapi.KmsEndpoint;
import dev.sallyport.gateway.object.ObjectKeyring;
import dev.sallyport.gateway.upload.UploadService;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.service.KmsService;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: the one place that makes the objects and joins them. Closing drains: it stops accepting, lets requests
 * under way finish within the configured time, and closes everything in the opposite order.
 */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final Duration FIRST_PROBE = Duration.ofSeconds(3);

    private final GatewayConfig config;
    private final CloseStack closing = new CloseStack();
    private final KeyNode node;
    private final HttpServer server;
    private final HttpServer admin;
    private boolean closed;

    private Gateway(GatewayConfig config, Map<String, String> environment, Clock clock) throws IOException {
        this.config = config;
        try {
            StoreCredentials credentials = closing.add(StoreCredentials.of(config.store(), environment));
            try (SealSecret secret = SealSecrets.of(config.keyStore(), environment)) {
                node = closing.add(KeyNode.open(config, secret, clock));
            }
            Metrics metrics = closing.add(new Metrics());
            metrics.keyCache("key-material", node.service(), KmsService::materialCache);
            ObjectKeyring keyring = S3Wiring.keyring(config, node, metrics);
            EventLoopGroup loops = Transport.here().newEventLoops(config.eventLoops(), "event-loop");
            closing.add(() -> loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS));
            StoreEndpoint storeEndpoint = storeEndpoint(config.store());
            StoreClient backend = closing.add(backend(storeEndpoint, credentials, clock));
            StoreControl control = closing.add(new StoreControl(
                    storeEndpoint,
                    credentials.accessKeyId(),
                    credentials.secretKey(),
                    config.store().ca()));
            StoreHealth health = closing.add(
                    new StoreHealth(backend, loops.next(), config.store().url().toString()));

            StoreProbe probe = closing.add(new StoreProbe(
                    backend, control, loops.next(), config.uploads().stagingBucket()));
            Backend store = new CheckedKeys(backend, probe::keys);
            UploadService uploads =
                    closing.add(S3Wiring.uploads(config, node, keyring, store, probe, loops.next(), clock));
            SigV4Verifier verifier = new SigV4Verifier(node.credentials(), config.regions(), clock);
            RequestRouter router = new RequestRouter(
                    verifier,
                    S3Wiring.service(config, node, keyring, store, probe, uploads, clock),
                    kmsEndpoint(config, node),
                    metrics);
            TlsConfig tls = config.tls();
            server = closing.add(HttpServer.builder(resolve(config.listen()), router)
                    .limits(config.limits())
                    .tls(tls == null ? null : new TlsFiles(tls.certificate(), tls.key()))
                    .proxies(TrustedProxies.of(config.trustedProxies()))
                    .listener(ServerListener.all(new AccessLog(), metrics))
                    .start(loops));
            Readiness readiness =
                    new Readiness().check("store", health::problem).check("audit journal", node::journalProblem);
            RemoteKeys remote = node.remote();
            if (remote != null) {
                readiness.check("kms", remote::problem);
                remote.start();
            }
            admin = closing.add(HttpServer.builder(resolve(config.admin()), new AdminEndpoint(readiness, metrics))
                    .start(loops));
            uploads.start();
            health.start(FIRST_PROBE);
            probe.start();
        } catch (InterruptedException e) {
            closing.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted at start", e);
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
        LOG.info(
                "serving S3 and KMS on {}, health and metrics on {}, store {}",
                endpoint(),
                adminEndpoint(),
                config.store().url());
    }

    /** With the process's environment and the system's clock. */
    public static Gateway start(GatewayConfig config) throws IOException {
        return start(config, System.getenv(), Clock.systemUTC());
    }

    /**
     * Starts and returns when it serves. A store that does not answer does not keep it from that: it is not ready then.
     *
     * @param environment where credentials and the seal's secret are when the configuration names no file
     * @param clock of signatures, policies, rotation and dates
     * @throws IOException with one line: a port that is taken, a missing file or credential, an account that is another's
     * @throws dev.sallyport.kms.store.StoreException when the key store cannot be opened
     * @throws dev.sallyport.kms.seal.SealException when the secret opens no seal
     */
    public static Gateway start(GatewayConfig config, Map<String, String> environment, Clock clock) throws IOException {
        return new Gateway(config, environment, clock);
    }

    /** Scheme, host and port of S3, KMS and STS. */
    public URI endpoint() {
        return uri(config.tls() == null ? "http" : "https", server.address());
    }

    /** Scheme, host and port of health and metrics. */
    public URI adminEndpoint() {
        return uri("http", admin.address());
    }

    /** The KMS itself, for what runs in the same process. */
    public Kms kms() {
        return node.kms();
    }

    /** Drains and closes; a second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!server.drain(config.drain())) {
            LOG.warn("requests that took longer than {} were cut", config.drain());
        }
        closing.close();
        LOG.info("stopped");
    }

    private static StoreEndpoint storeEndpoint(StoreConfig store) throws IOException {
        SslContext tls = store.url().getScheme().equalsIgnoreCase("https") ? storeTls(store.ca()) : null;
        return StoreEndpoint.of(store.url(), store.region(), store.pathStyle(), tls);
    }

    private static StoreClient backend(StoreEndpoint endpoint, StoreCredentials credentials, Clock clock) {
        SigV4Signer signer =
                new SigV4Signer(credentials.accessKeyId(), credentials.secretKey(), endpoint.region(), "s3");
        return new StoreClient(endpoint, signer, clock);
    }

    private static SslContext storeTls(@Nullable Path ca) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .endpointIdentificationAlgorithm("HTTPS");
        try {
            return (ca == null ? builder : builder.trustManager(ca.toFile())).build();
        } catch (IllegalArgumentException e) {
            throw new IOException("store.ca is no PEM file of certificates: " + ca, e);
        }
    }

    private static KmsEndpoint kmsEndpoint(GatewayConfig config, KeyNode node) {
        RemoteKmsConfig remote = config.remoteKms();
        return remote == null ? new KmsEndpoint(node.service()) : KmsEndpoint.elsewhere(node.service(), remote.where());
    }

    private static InetSocketAddress resolve(InetSocketAddress address) throws IOException {
        InetSocketAddress resolved = new InetSocketAddress(address.getHostString(), address.getPort());
        if (resolved.isUnresolved()) {
            throw new IOException("cannot listen on " + address.getHostString() + ": no such host");
        }
        return resolved;
    }

    private static URI uri(String scheme, InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String text = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
        return URI.create(scheme + "://" + (text.contains(":") ? "[" + text + "]" : text) + ":" + address.getPort());
    }
}
