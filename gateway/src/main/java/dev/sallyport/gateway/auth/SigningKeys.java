package dev.sallyport.gateway.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.kms.crypto.SecretBytes;
import java.time.Duration;

/** Derived keys of a day, region and service. An entry serves only the very secret that it was derived from. */
final class SigningKeys {
    private final Cache<Id, Derived> cache = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofDays(1))
            .build();

    byte[] of(Credential credential, SignatureClaim claim) {
        Id id = new Id(claim.accessKeyId(), claim.date(), claim.region(), claim.service());
        Derived known = cache.getIfPresent(id);
        if (known == null || known.secret != credential.secret()) {
            byte[] key = credential
                    .secret()
                    .use(secret -> SigV4.signingKey(secret, claim.date(), claim.region(), claim.service()));
            known = new Derived(credential.secret(), key);
            cache.put(id, known);
        }
        return known.key;
    }

    private record Id(String accessKeyId, String date, String region, String service) {}

    private static final class Derived {
        private final SecretBytes secret;
        private final byte[] key;

        Derived(SecretBytes secret, byte[] key) {
            this.secret = secret;
            this.key = key;
        }
    }
}
