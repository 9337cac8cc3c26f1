package dev.sallyport.gateway.format;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.ConstantTime;
import dev.sallyport.kms.envelope.CommittedKey;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The value of {@link ObjectMetadata#HEADER}: unpadded base64url of a head, fields and a MAC. Specified in
 * {@code docs/object-format.md}. The MAC covers the names of bucket and object, all of the value, and the headers that the
 * store keeps in the clear, so that nothing of it can be changed, moved or exchanged.
 */
public final class MetadataCodec {
    private static final byte[] LABEL = "sallyport/v1/object-metadata".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD = 4 + Id128.LENGTH + CommittedKey.COMMITMENT_BYTES;
    private static final int MAC_FIELD = 4 + MetadataMac.LENGTH;

    private static final int LENGTH = 1;
    private static final int NONCE = 2;
    private static final int SSE = 3;
    private static final int KEY_ARN = 4;
    private static final int CONTEXT = 5;
    private static final int KMS_BLOB = 6;
    private static final int BUCKET_KEY_WRAP = 7;
    private static final int FACTS = 8;
    private static final int EXPIRES = 9;

    private final MetadataMac mac;

    public MetadataCodec(MetadataMac mac) {
        this.mac = mac;
    }

    /**
     * The value for an object of this name with these headers.
     *
     * @param bucket the gateway's name of the bucket
     * @param headers see {@link ClearHeaders}
     */
    public String encode(ObjectMetadata metadata, String bucket, String objectKey, Map<String, String> headers) {
        byte[] body = body(metadata);
        int key = mac.currentKey();
        byte[] tag = mac.mac(key, canonical(bucket, objectKey, body, key, headers));
        if (tag == null) {
            throw new IllegalStateException("the current MAC key " + key + " is not there");
        }
        byte[] value = ByteBuffer.allocate(body.length + MAC_FIELD)
                .put(body)
                .putInt(key)
                .put(tag)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
    }

    /**
     * Verifies and decodes a value.
     *
     * @param value null when the store has none
     * @throws ForgedObjectException when it is absent, of another format, or not what this gateway wrote for this name
     */
    public ObjectMetadata decode(@Nullable String value, String bucket, String objectKey, Map<String, String> headers) {
        if (value == null) {
            throw new ForgedObjectException("no metadata of the gateway");
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw new ForgedObjectException("metadata that is not base64url");
        }
        // A decoder takes more than one text for the same bytes.
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(value)
                || bytes.length < HEAD + MAC_FIELD) {
            throw new ForgedObjectException("metadata that is not well formed");
        }
        if (bytes[0] != ObjectKeys.VERSION) {
            throw new ForgedObjectException("metadata of version " + bytes[0]);
        }
        byte[] body = Arrays.copyOf(bytes, bytes.length - MAC_FIELD);
        ByteBuffer end = ByteBuffer.wrap(bytes, body.length, MAC_FIELD);
        int key = end.getInt();
        byte[] tag = new byte[MetadataMac.LENGTH];
        end.get(tag);
        byte[] expected = mac.mac(key, canonical(bucket, objectKey, body, key, headers));
        if (expected == null) {
            throw new ForgedObjectException("metadata under the unknown MAC key " + key);
        }
        if (!ConstantTime.equals(expected, tag)) {
            throw new ForgedObjectException("metadata or headers that do not authenticate");
        }
        try {
            return parse(body);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new ForgedObjectException("metadata that is not well formed");
        }
    }

    private static byte[] body(ObjectMetadata metadata) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(640);
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        head.put((byte) ObjectKeys.VERSION)
                .put((byte) metadata.keys().plan().code())
                .put((byte) metadata.layout().code())
                .put((byte) 0);
        metadata.keys().objectId().write(head);
        head.put(metadata.commitment());
        out.writeBytes(head.array());
        if (metadata.layout() == Layout.SINGLE) {
            field(out, LENGTH, ByteBuffer.allocate(8).putLong(metadata.length()).array());
            Id128 nonce = metadata.nonce();
            if (nonce != null) {
                ByteBuffer bytes = ByteBuffer.allocate(Id128.LENGTH);
                nonce.write(bytes);
                field(out, NONCE, bytes.array());
            }
        }
        SseFacts sse = metadata.sse();
        field(out, SSE, new byte[] {(byte) sse.algorithm().code()});
        field(out, KEY_ARN, sse.keyArn().getBytes(StandardCharsets.UTF_8));
        if (!sse.context().isEmpty()) {
            field(out, CONTEXT, context(sse.context()));
        }
        field(out, KMS_BLOB, metadata.key().kmsBlob());
        optional(out, BUCKET_KEY_WRAP, metadata.key().underBucketKey());
        optional(out, FACTS, metadata.sealedFacts());
        String expires = metadata.expires();
        optional(out, EXPIRES, expires == null ? null : expires.getBytes(StandardCharsets.ISO_8859_1));
        return out.toByteArray();
    }

    private static ObjectMetadata parse(byte[] body) {
        ByteBuffer from = ByteBuffer.wrap(body);
        from.get();
        Plan plan = Plan.ofCode(from.get());
        Layout layout = Layout.ofCode(from.get());
        if (plan == null || layout == null || from.get() != 0) {
            throw new ForgedObjectException("an object of an unknown plan or layout");
        }
        ObjectKeys keys = new ObjectKeys(plan, Id128.read(from));
        byte[] commitment = new byte[CommittedKey.COMMITMENT_BYTES];
        from.get(commitment);
        TreeMap<Integer, byte[]> fields = new TreeMap<>();
        while (from.hasRemaining()) {
            int tag = from.get();
            byte[] value = new byte[from.getShort() & 0xFFFF];
            from.get(value);
            if (tag < LENGTH || tag > EXPIRES || (!fields.isEmpty() && fields.lastKey() >= tag)) {
                throw new ForgedObjectException("an unknown field " + tag);
            }
            fields.put(tag, value);
        }
        SseAlgorithm algorithm = SseAlgorithm.ofCode(required(fields, SSE)[0]);
        if (algorithm == null) {
            throw new ForgedObjectException("an unknown encryption algorithm");
        }
        byte[] wrap = fields.get(BUCKET_KEY_WRAP);
        byte[] blob = required(fields, KMS_BLOB);
        SseFacts sse = new SseFacts(
                algorithm,
                new String(required(fields, KEY_ARN), StandardCharsets.UTF_8),
                context(fields.get(CONTEXT)),
                wrap != null);
        WrappedKey key = wrap == null ? WrappedKey.byKms(blob) : WrappedKey.byBucketKey(blob, wrap);
        byte[] text = fields.get(EXPIRES);
        String expires = text == null ? null : new String(text, StandardCharsets.ISO_8859_1);
        return switch (layout) {
            case EMPTY -> ObjectMetadata.empty(keys, commitment, sse, key, required(fields, FACTS), expires);
            case SINGLE ->
                ObjectMetadata.single(
                        keys,
                        ByteBuffer.wrap(required(fields, LENGTH)).getLong(),
                        Id128.read(ByteBuffer.wrap(required(fields, NONCE))),
                        commitment,
                        sse,
                        key,
                        fields.get(FACTS),
                        expires);
            case MULTIPART -> ObjectMetadata.multipart(keys, commitment, sse, key, expires);
        };
    }

    private static byte[] required(Map<Integer, byte[]> fields, int tag) {
        byte[] value = fields.get(tag);
        if (value == null || value.length == 0) {
            throw new ForgedObjectException("no field " + tag);
        }
        return value;
    }

    private static byte[] context(EncryptionContext context) {
        TreeMap<String, String> sorted = new TreeMap<>(context.pairs());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        sorted.forEach((name, value) -> {
            string(out, name);
            string(out, value);
        });
        return out.toByteArray();
    }

    private static EncryptionContext context(byte @Nullable [] bytes) {
        if (bytes == null) {
            return EncryptionContext.EMPTY;
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        ByteBuffer from = ByteBuffer.wrap(bytes);
        while (from.hasRemaining()) {
            pairs.put(string(from), string(from));
        }
        return new EncryptionContext(pairs);
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(ByteBuffer.allocate(2).putShort((short) bytes.length).array());
        out.writeBytes(bytes);
    }

    private static String string(ByteBuffer from) {
        byte[] bytes = new byte[from.getShort() & 0xFFFF];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void optional(ByteArrayOutputStream out, int tag, byte @Nullable [] value) {
        if (value != null) {
            field(out, tag, value);
        }
    }

    private static void field(ByteArrayOutputStream out, int tag, byte[] value) {
        if (value.length > 0xFFFF) {
            throw new IllegalArgumentException("field " + tag + " of " + value.length + " bytes");
        }
        out.write(tag);
        out.writeBytes(ByteBuffer.allocate(2).putShort((short) value.length).array());
        out.writeBytes(value);
    }

    /** What the MAC covers, every string with its length before it. */
    private static byte[] canonical(
            String bucket, String objectKey, byte[] body, int macKey, Map<String, String> headers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1_024);
        sized(out, LABEL);
        sized(out, bucket.getBytes(StandardCharsets.UTF_8));
        sized(out, objectKey.getBytes(StandardCharsets.UTF_8));
        sized(out, body);
        number(out, macKey);
        TreeMap<String, String> sorted = new TreeMap<>(headers);
        number(out, sorted.size());
        sorted.forEach((name, value) -> {
            sized(out, name.getBytes(StandardCharsets.ISO_8859_1));
            sized(out, value.getBytes(StandardCharsets.ISO_8859_1));
        });
        return out.toByteArray();
    }

    private static void sized(ByteArrayOutputStream out, byte[] bytes) {
        number(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void number(ByteArrayOutputStream out, int value) {
        out.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
    }
}
