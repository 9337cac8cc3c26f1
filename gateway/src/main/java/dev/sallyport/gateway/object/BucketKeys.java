package dev.sallyport.gateway.object;

import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.cache.KeyCache;
import dev.sallyport.kms.cache.KeyCacheLimits;
import dev.sallyport.kms.cache.KeyCacheMetrics;
import dev.sallyport.kms.cache.Lease;
import dev.sallyport.kms.crypto.SecretBytes;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Bucket keys: made by the KMS for a bucket, a key and a context, and used for a while to wrap data keys locally. Whatever
 * the cache answers is authorised for its own caller first; a change of any key's state or policy empties it.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html">S3 Bucket Keys</a>
 */
public final class BucketKeys {
    private static final int KEY_BYTES = 32;
    private static final int MOST_CURRENT = 10_000;

    private final Kms kms;
    private final KeyCache<Cached> cache;
    private final Duration rotateAfter;
    private final Map<Purpose, Current> current = new ConcurrentHashMap<>();
    private volatile long seenEpoch;

    /** What a bucket key is for. */
    private record Purpose(String keyId, EncryptionContext context) {}

    /** What was opened, by value: base64 of the blob. */
    private record Cached(String blob, EncryptionContext context) {}

    private record Current(String keyArn, Cached identity, long madeNanos, long epoch) {}

    /** A bucket key in use. */
    static final class InUse implements AutoCloseable {
        private final String keyArn;
        private final byte[] blob;
        private final Lease lease;
        private final AuditReceipt receipt;

        private InUse(String keyArn, byte[] blob, Lease lease, AuditReceipt receipt) {
            this.keyArn = keyArn;
            this.blob = blob;
            this.lease = lease;
            this.receipt = receipt;
        }

        String keyArn() {
            return keyArn;
        }

        byte[] blob() {
            return blob.clone();
        }

        SecretBytes key() {
            return lease.key();
        }

        AuditReceipt receipt() {
            return receipt;
        }

        @Override
        public void close() {
            lease.close();
        }
    }

    /**
     * @param limits of what is kept open
     * @param rotateAfter how long one bucket key wraps new data keys
     */
    public BucketKeys(Kms kms, KeyCacheLimits limits, Duration rotateAfter, KeyCacheMetrics metrics) {
        this.kms = kms;
        this.cache = new KeyCache<>(limits, failure -> false, metrics);
        this.rotateAfter = rotateAfter;
    }

    /** Number of bucket keys that are kept open. */
    public long size() {
        return cache.size();
    }

    /**
     * The bucket key that wraps now, made if need be.
     *
     * @param keyId of the KMS key, in any form
     * @param context with the bucket's ARN
     */
    InUse forWriting(CallContext call, String keyId, EncryptionContext context) {
        long epoch = watchEpoch();
        Purpose purpose = new Purpose(keyId, context);
        Current known = current.get(purpose);
        if (known != null && known.epoch == epoch && System.nanoTime() - known.madeNanos < rotateAfter.toNanos()) {
            // by the name that was given: policies may tell aliases apart
            kms.authorizeCachedUse(call, keyId, "kms:GenerateDataKey", context);
            Lease lease = leaseIfOpen(known.identity);
            if (lease != null) {
                return new InUse(
                        known.keyArn, Base64.getDecoder().decode(known.identity.blob), lease, AuditReceipt.DONE);
            }
        }
        DataKey made = kms.generateDataKey(call, keyId, context, KEY_BYTES);
        byte[] blob = made.wrapped();
        Cached identity = new Cached(Base64.getEncoder().encodeToString(blob), context);
        Lease lease = cache.get(identity, made::plaintext);
        if (current.size() >= MOST_CURRENT) {
            current.clear();
        }
        current.put(purpose, new Current(made.keyArn(), identity, System.nanoTime(), epoch));
        return new InUse(made.keyArn(), blob, lease, made.receipt());
    }

    /** The bucket key that an object names. */
    InUse forReading(CallContext call, String keyArn, byte[] blob, EncryptionContext context) {
        watchEpoch();
        Cached identity = new Cached(Base64.getEncoder().encodeToString(blob), context);
        AuditReceipt[] opened = new AuditReceipt[1];
        Lease lease = cache.get(identity, () -> {
            DecryptedKey key = kms.decrypt(call, blob, context, keyArn);
            opened[0] = key.receipt();
            return key.plaintext();
        });
        AuditReceipt receipt = opened[0];
        if (receipt == null) {
            try {
                kms.authorizeCachedUse(call, keyArn, "kms:Decrypt", context);
            } catch (RuntimeException denied) {
                lease.close();
                throw denied;
            }
            receipt = AuditReceipt.DONE;
        }
        return new InUse(keyArn, blob.clone(), lease, receipt);
    }

    private @Nullable Lease leaseIfOpen(Cached identity) {
        try {
            return cache.get(identity, () -> {
                throw new NotOpen();
            });
        } catch (NotOpen e) {
            return null;
        }
    }

    private long watchEpoch() {
        long epoch = kms.stateEpoch();
        if (epoch != seenEpoch) {
            cache.invalidateAll();
            seenEpoch = epoch;
        }
        return epoch;
    }

    /** The cache no longer has it. */
    private static final class NotOpen extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotOpen() {
            super("not open", null, false, false);
        }
    }
}
