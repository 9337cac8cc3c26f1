package dev.sallyport.gateway.config;

import dev.sallyport.gateway.http.HttpLimits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration.
 *
 * @param accountId twelve digits, which the key store's must equal; null to take the key store's
 * @param regions that requests may be signed for; the first is the gateway's own
 * @param listen where S3, KMS and STS are served; unresolved
 * @param admin where health and metrics are served; unresolved
 * @param tls null for plain HTTP
 * @param allowPlainHttp whether plain HTTP is served elsewhere than on loopback
 * @param domains for virtual-host addressing: {@code BUCKET.DOMAIN}
 * @param trustedProxies addresses and CIDRs
 * @param remoteKms null where the key store's own keys encrypt
 * @param auditRetention how long audit events are kept
 * @param drain how long requests under way may take at a stop
 * @param eventLoops threads that move bytes; 0 for one a core
 */
public record GatewayConfig(
        @Nullable String accountId,
        List<String> regions,
        InetSocketAddress listen,
        InetSocketAddress admin,
        @Nullable TlsConfig tls,
        boolean allowPlainHttp,
        List<String> domains,
        List<String> trustedProxies,
        StoreConfig store,
        KeyStoreConfig keyStore,
        @Nullable RemoteKmsConfig remoteKms,
        Duration auditRetention,
        BucketsConfig buckets,
        UploadsConfig uploads,
        HttpLimits limits,
        Duration drain,
        int eventLoops) {
    public GatewayConfig {
        regions = List.copyOf(regions);
        domains = List.copyOf(domains);
        trustedProxies = List.copyOf(trustedProxies);
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("regions must name one at least");
        }
        if (accountId != null && !accountId.matches("[0-9]{12}")) {
            throw new IllegalArgumentException("accountId has twelve digits");
        }
        if (auditRetention.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException("audit.retention is a day at least");
        }
    }

    /** The region that the gateway's own ARNs carry. */
    public String region() {
        return regions.getFirst();
    }
}
