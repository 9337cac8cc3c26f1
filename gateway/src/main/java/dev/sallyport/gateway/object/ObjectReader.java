package dev.sallyport.gateway.object;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Footer;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.Layout;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.format.Tail;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What reads of an object share: its head, its key, its manifest, its content facts, and a range of its bytes. Manifests are
 * kept by object id, ETag and size; what they open is authenticated anew at every read.
 */
public final class ObjectReader {
    private static final int ATTEMPTS = 3;

    /** A first guess at a tail; longer ones (of more than a thousand parts) take a second request. */
    private static final long FIRST_TAIL = 256 << 10;

    private static final long MANIFEST_PARTS_KEPT = 200_000;
    private static final long NAMES_KEPT = 10_000;

    private final ObjectStore store;
    private final ObjectKeyring keyring;
    private final MetadataCodec codec;
    private final Cache<ManifestId, Manifest> manifests = Caffeine.newBuilder()
            .maximumWeight(MANIFEST_PARTS_KEPT)
            .weigher((ManifestId id, Manifest manifest) -> 10 + manifest.parts().size())
            .build();

    private final Cache<Name, Manifest> latest =
            Caffeine.newBuilder().maximumSize(NAMES_KEPT).build();

    private record ManifestId(Id128 objectId, String etag, long storedSize) {}

    private record Name(String bucket, String key) {}

    public ObjectReader(ObjectStore store, ObjectKeyring keyring, MetadataCodec codec) {
        this.store = store;
        this.keyring = keyring;
        this.codec = codec;
    }

    /** GET or HEAD with the client's conditions; the answer is the caller's to close. */
    BackendResponse request(
            S3Call call, String method, String bucket, String key, ReadConditions conditions, @Nullable String range) {
        HttpHeaders headers = ObjectStore.conditions(conditions);
        if (range != null) {
            headers.set("range", range);
        }
        return store.read(call.exchange().eventLoop(), method, bucket, key, headers);
    }

    /** The verified head of an answer that succeeded. */
    StoredObject stored(BackendResponse response, String bucket, String key) {
        return StoredObject.of(response, codec, bucket, key);
    }

    /**
     * The head of an object by HEAD, for copies and uploads.
     *
     * @throws S3Exception when it is not there, or a condition does not hold
     * @throws ForgedObjectException when it is not the gateway's
     */
    public StoredObject head(S3Call call, String bucket, String key, ReadConditions conditions) {
        try (BackendResponse response = request(call, "HEAD", bucket, key, conditions, null)) {
            if (response.status() != 200) {
                throw ObjectStore.refusal(response, bucket, key, conditions);
            }
            return stored(response, bucket, key);
        }
    }

    /** The object's data key; one Decrypt. Closed by the caller. */
    public SealingKey open(S3Call call, StoredObject object, String bucket, String key) {
        return keyring.open(call.context(), object.metadata(), bucket, key);
    }

    /** The manifest of a multipart object, from its tail or kept from an earlier read. */
    public Manifest manifest(S3Call call, StoredObject object, SealingKey opened, String bucket, String key) {
        ManifestId id = new ManifestId(object.metadata().keys().objectId(), object.etag(), object.storedSize());
        Manifest known = manifests.getIfPresent(id);
        if (known != null) {
            latest.put(new Name(bucket, key), known);
            return known;
        }
        EventLoop loop = call.exchange().eventLoop();
        long size = object.storedSize();
        long first = Math.min(Math.min(SizeFormula.tailReserve(object.length()), FIRST_TAIL), size);
        byte[] end = range(loop, object, bucket, key, size - first, first);
        int tailLength = Footer.decode(end).tailLength();
        if (tailLength > size) {
            throw new ForgedObjectException("a tail longer than its object");
        }
        byte[] tail = tailLength <= end.length
                ? java.util.Arrays.copyOfRange(end, end.length - tailLength, end.length)
                : range(loop, object, bucket, key, size - tailLength, tailLength);
        Manifest manifest = Manifest.openTail(opened.dataKey(), opened.keys(), tail, size);
        manifests.put(id, manifest);
        latest.put(new Name(bucket, key), manifest);
        return manifest;
    }

    /**
     * The manifest that an object of this name had when it was last read: a guess at which bytes to ask for, and no more.
     * Null when there is none.
     */
    @Nullable Manifest guess(String bucket, String key) {
        return latest.getIfPresent(new Name(bucket, key));
    }

    /** What is known of the object's content; may take a request for its tail. */
    ContentFacts facts(S3Call call, StoredObject object, SealingKey opened, String bucket, String key) {
        byte[] sealed = object.metadata().sealedFacts();
        if (sealed != null) {
            return SealedFacts.open(opened.dataKey(), opened.keys(), sealed);
        }
        if (object.metadata().layout() == Layout.MULTIPART) {
            return manifest(call, object, opened, bucket, key).facts();
        }
        long first = SizeFormula.segmentsSize(object.length());
        byte[] tail = range(call.exchange().eventLoop(), object, bucket, key, first, object.storedSize() - first);
        return Tail.openFacts(opened.dataKey(), opened.keys(), tail);
    }

    /** Stored bytes of the very object that was seen before. */
    private byte[] range(EventLoop loop, StoredObject object, String bucket, String key, long first, long length) {
        try (BackendResponse response = get(loop, object, bucket, key, first, first + length - 1)) {
            byte[] bytes = response.readBody((int) length);
            if (bytes.length != length) {
                throw new BackendUnavailableException("the store gives fewer bytes than it was asked for");
            }
            return bytes;
        }
    }

    /**
     * Asks for stored bytes of the very object that was seen before.
     *
     * @throws ObjectChangedException when it was replaced
     */
    BackendResponse get(EventLoop loop, StoredObject object, String bucket, String key, long first, long last) {
        return get(loop, object.etag(), object.storedSize(), bucket, key, first, last);
    }

    /** The same by the store's ETag and size of the object. */
    BackendResponse get(EventLoop loop, String etag, long size, String bucket, String key, long first, long last) {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("if-match", etag);
        headers.set("range", "bytes=" + first + '-' + last);
        BackendResponse response = store.read(loop, "GET", bucket, key, headers);
        int status = response.status();
        if (status == 412 || status == 404) {
            response.close();
            throw new ObjectChangedException();
        }
        if (status == 206
                && ("bytes " + first + '-' + last + '/' + size)
                        .equals(response.headers().get("content-range"))) {
            return response;
        }
        if (status == 206 || status == 200) {
            response.close();
            throw new BackendUnavailableException("the store gives other bytes than it was asked for");
        }
        throw StoreErrors.of(response, bucket, key);
    }

    /** Runs a read, anew when the object is replaced under it. */
    static <T> T steadily(Supplier<T> read) {
        for (int attempt = 1; ; attempt++) {
            try {
                return read.get();
            } catch (ObjectChangedException e) {
                if (attempt == ATTEMPTS) {
                    throw new S3Exception(503, "SlowDown", "Please reduce your request rate.");
                }
            }
        }
    }
}
