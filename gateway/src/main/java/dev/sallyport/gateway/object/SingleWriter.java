package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.flow.Buffers;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.format.Tail;
import dev.sallyport.kms.envelope.Sealer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes objects of the single layout by one PUT: small ones, whose facts are in the metadata, from memory; larger ones, whose
 * facts are in the tail, as their bytes come.
 */
final class SingleWriter {
    /** The longest body that is had whole before the store hears of it: four segments. */
    static final int SMALL = 4 * SizeFormula.SEGMENT;

    private final ObjectStore store;
    private final MetadataCodec codec;

    SingleWriter(ObjectStore store, MetadataCodec codec) {
        this.store = store;
        this.codec = codec;
    }

    /**
     * Where an object goes, and what goes with it.
     *
     * @param bucket the gateway's name
     * @param headers of the request to the store, conditions included; the gateway's metadata is added to them
     */
    record Target(
            String bucket,
            String key,
            HttpHeaders headers,
            @Nullable String expires) {}

    /**
     * What came of it.
     *
     * @param response the store's, of any status; the caller's to close
     * @param facts none when the store answered before they were known
     */
    record Written(BackendResponse response, ContentFacts facts) {}

    /** Sends the object's bytes through a sealing sink, and gives the store's answer. */
    @FunctionalInterface
    interface Flow {
        BackendResponse send(SealingSink sink, BackendUpload upload);
    }

    Written write(EventLoop loop, Target target, SealingKey key, byte[] plain, ContentFacts facts) {
        byte[] sealed = SealedFacts.seal(key.dataKey(), key.keys(), facts);
        ObjectMetadata metadata;
        byte[] body = plain;
        if (plain.length == 0) {
            metadata = ObjectMetadata.empty(
                    key.keys(), key.commitment(), key.sse(), key.wrapped(), sealed, target.expires());
        } else {
            Id128 nonce = Id128.random();
            metadata = ObjectMetadata.single(
                    key.keys(),
                    plain.length,
                    nonce,
                    key.commitment(),
                    key.sse(),
                    key.wrapped(),
                    sealed,
                    target.expires());
            body = SingleObject.seal(plain, nonce, key, facts);
        }
        StoreHeaders.seal(target.headers(), codec, metadata, target.bucket(), target.key());
        return new Written(store.put(loop, target.bucket(), target.key(), target.headers(), body), facts);
    }

    /**
     * @param length bytes of plaintext that will come
     * @param trailers of the request, once its body is through
     */
    Written stream(
            EventLoop loop,
            Target target,
            SealingKey key,
            long length,
            PayloadVerifier verifier,
            Supplier<Map<String, String>> trailers,
            Flow flow) {
        Id128 nonce = Id128.random();
        ObjectMetadata metadata = ObjectMetadata.single(
                key.keys(), length, nonce, key.commitment(), key.sse(), key.wrapped(), null, target.expires());
        StoreHeaders.seal(target.headers(), codec, metadata, target.bucket(), target.key());
        AtomicReference<@Nullable ContentFacts> facts = new AtomicReference<>();
        BackendUpload upload =
                store.upload(loop, target.bucket(), target.key(), target.headers(), SizeFormula.storedSize(length));
        Sealer sealer = key.keys().sealer(key.dataKey(), 0, nonce);
        SealingSink sink = new SealingSink(
                upload.body(),
                sealer,
                length,
                verifier,
                () -> {
                    ContentFacts verified = verifier.finish(trailers.get());
                    facts.set(verified);
                    return Tail.sealFacts(key.dataKey(), key.keys(), verified, length);
                },
                Buffers.ALLOCATOR);
        BackendResponse response = flow.send(sink, upload);
        ContentFacts found = facts.get();
        return new Written(response, found == null ? ContentFacts.NONE : found);
    }
}
