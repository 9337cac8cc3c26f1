package dev.sallyport.kms;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Non-secret pairs that are bound to a ciphertext as additional authenticated data: who does not give the same pairs
 * cannot open it. Order does not matter, case does.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html">AWS KMS: encryption context</a>
 */
public record EncryptionContext(Map<String, String> pairs) {
    /** The context without pairs, which is the same as none. */
    public static final EncryptionContext EMPTY = new EncryptionContext(Map.of());

    public EncryptionContext {
        pairs = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
    }

    /** A context of one pair. */
    public static EncryptionContext of(String key, String value) {
        return new EncryptionContext(Map.of(key, value));
    }

    /** These pairs and one more, which replaces one of the same key. */
    public EncryptionContext with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(pairs);
        more.put(key, value);
        return new EncryptionContext(more);
    }

    public boolean isEmpty() {
        return pairs.isEmpty();
    }

    /**
     * The canonical form that is authenticated: the number of pairs, then each pair sorted by the UTF-8 bytes of its key,
     * every string preceded by its length in bytes. All numbers are 32-bit big-endian. Without the lengths {ab: c} and
     * {a: bc} would be the same.
     */
    public byte[] canonicalBytes() {
        TreeMap<byte[], byte[]> sorted = new TreeMap<>(Arrays::compareUnsigned);
        int size = 4;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            byte[] key = pair.getKey().getBytes(StandardCharsets.UTF_8);
            byte[] value = pair.getValue().getBytes(StandardCharsets.UTF_8);
            sorted.put(key, value);
            size += 8 + key.length + value.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).putInt(sorted.size());
        sorted.forEach((key, value) ->
                bytes.putInt(key.length).put(key).putInt(value.length).put(value));
        return bytes.array();
    }
}
