package dev.sallyport.volume.keys;

import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.Wrapped;
import dev.sallyport.kms.cache.KeyCache;
import dev.sallyport.kms.cache.KeyCacheLimits;
import dev.sallyport.kms.cache.KeyCacheMetrics;
import dev.sallyport.kms.cache.Lease;
import dev.sallyport.kms.cache.Opened;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.luks.Token;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;

/**
 * Volume keys from the KMS: one data key a volume, wrapped under a KMS key and bound to the volume by its encryption context.
 * What was opened is cached, bounded by age, uses and number, and wiped on {@link #close()}. Thread-safe.
 */
public final class VolumeKeys implements AutoCloseable {
    /** Key of the context pair that names the image's uuid. */
    public static final String VOLUME_ID = "sallyport:volume-id";

    /** Key of the context pair that names the volume for people, as it was called when its key was made. */
    public static final String VOLUME_NAME = "sallyport:volume-name";

    /** Prefix of context keys that users cannot set. */
    public static final String RESERVED = "sallyport:";

    private static final int VOLUME_KEY = 64;
    private static final KeyCacheLimits LIMITS =
            new KeyCacheLimits(Duration.ofMinutes(5), 64, 1000, Long.MAX_VALUE, Duration.ZERO);

    private final KmsAccess kms;
    private final KeyCache<Opened> cache = new KeyCache<>(LIMITS, failure -> false, KeyCacheMetrics.NONE);

    /** @param kms closed with this */
    public VolumeKeys(KmsAccess kms) {
        this.kms = kms;
    }

    /**
     * Makes the key of a new volume: 64 bytes of volume key ‖ 32 of MAC key.
     *
     * @param pairs what the user adds to the context; keys must not begin with {@link #RESERVED}
     * @throws KmsException when the KMS refuses
     */
    public WrappedVolumeKey generate(String keyId, UUID volumeId, String name, Map<String, String> pairs) {
        EncryptionContext context = context(volumeId, name, pairs);
        return kms.ask((service, call) -> {
            try (DataKey made = service.generateDataKey(call, keyId, context, VOLUME_KEY + KeyBundle.MAC_KEY)) {
                made.receipt().await();
                return new WrappedVolumeKey(KeyBundle.split(made.plaintext()), made.keyArn(), made.wrapped(), context);
            }
        });
    }

    /**
     * Wraps the key of a volume that exists already, with a fresh MAC key; {@code volumeKey} stays open. What comes back is
     * opened before it is given out, so that no image gets a token that this caller cannot use.
     */
    public WrappedVolumeKey adopt(
            String keyId, UUID volumeId, String name, Map<String, String> pairs, SecretBytes volumeKey) {
        EncryptionContext context = context(volumeId, name, pairs);
        try (SecretBytes macKey = SecretBytes.random(KeyBundle.MAC_KEY);
                SecretBytes both = join(volumeKey, macKey)) {
            Wrapped wrapped = kms.ask((service, call) -> both.use(bytes -> {
                Wrapped made = service.encrypt(call, keyId, bytes, context);
                made.receipt().await();
                return made;
            }));
            try (SecretBytes opened = decrypt(new Token(wrapped.keyArn(), wrapped.bytes(), context, 0))) {
                requireSame(both, opened);
            }
            return new WrappedVolumeKey(KeyBundle.split(both), wrapped.keyArn(), wrapped.bytes(), context);
        }
    }

    /** Opens what a token holds; the caller closes it. */
    public KeyBundle open(Token token) {
        try (Lease lease = cache.get(Opened.of(token.wrappedKey(), token.context()), () -> decrypt(token))) {
            return KeyBundle.split(lease.key());
        }
    }

    /** Asks the KMS, past the cache, whether a token's key may still be used. */
    public KeyStatus check(Token token) {
        try (SecretBytes opened = decrypt(token)) {
            return new KeyStatus.Usable();
        } catch (KmsException e) {
            return KeyStatus.of(e);
        } catch (RuntimeException e) {
            // a key store that does not open says nothing about the key
            return new KeyStatus.Unknown(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The same keys wrapped under another KMS key, with the same context. What comes back is opened again before it is given
     * out, since a volume would be lost with it.
     */
    public Token rewrap(Token token, String keyId) {
        Wrapped wrapped = kms.ask((service, call) -> {
            Wrapped made = service.reEncrypt(call, token.wrappedKey(), token.context(), keyId, token.context());
            made.receipt().await();
            return made;
        });
        Token moved = new Token(wrapped.keyArn(), wrapped.bytes(), token.context(), token.size());
        try (SecretBytes before = decrypt(token);
                SecretBytes after = decrypt(moved)) {
            requireSame(before, after);
        }
        return moved;
    }

    private static void requireSame(SecretBytes before, SecretBytes after) {
        if (!before.use(a -> after.use(b -> MessageDigest.isEqual(a, b)))) {
            throw new VolumeKeyException("the KMS gave another key back; nothing was changed");
        }
    }

    private SecretBytes decrypt(Token token) {
        return kms.ask((service, call) -> {
            try (DecryptedKey opened = service.decrypt(call, token.wrappedKey(), token.context(), token.keyArn())) {
                opened.receipt().await();
                return opened.plaintext().slice(0, opened.plaintext().length());
            }
        });
    }

    private static EncryptionContext context(UUID volumeId, String name, Map<String, String> pairs) {
        EncryptionContext context =
                EncryptionContext.of(VOLUME_ID, volumeId.toString()).with(VOLUME_NAME, name);
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            if (pair.getKey().startsWith(RESERVED) || pair.getKey().isEmpty()) {
                throw new VolumeKeyException("a key of the encryption context is empty or begins with " + RESERVED);
            }
            context = context.with(pair.getKey(), pair.getValue());
        }
        return context;
    }

    private static SecretBytes join(SecretBytes first, SecretBytes second) {
        byte[] both = new byte[first.length() + second.length()];
        first.use(bytes -> copy(bytes, both, 0));
        second.use(bytes -> copy(bytes, both, first.length()));
        try {
            return SecretBytes.takeOver(both);
        } finally {
            Arrays.fill(both, (byte) 0);
        }
    }

    private static int copy(byte[] from, byte[] to, int at) {
        System.arraycopy(from, 0, to, at, from.length);
        return from.length;
    }

    @Override
    public void close() {
        cache.close();
        kms.close();
    }
}
