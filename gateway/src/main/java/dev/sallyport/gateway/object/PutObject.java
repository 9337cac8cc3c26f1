package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.flow.Buffers;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.format.Tail;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.WriteConditions;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import dev.sallyport.kms.envelope.Sealer;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * PutObject: one GenerateDataKey and one PUT to the store.
 *
 * <p>A small body is read whole before the store hears of it, so that whatever is wrong with it has a proper error and its
 * facts are in the metadata. A larger one streams, and its facts are in the tail.
 */
public final class PutObject implements S3Operation<ObjectRequest.PutObject> {
    /** The longest body that is read whole: four segments. */
    private static final int SMALL = 4 * SizeFormula.SEGMENT;

    private final ObjectStore store;
    private final ObjectKeyring keyring;
    private final EncryptionPlanner planner;
    private final MetadataCodec codec;
    private final Supplier<StoreCapabilities> capabilities;

    /** @param capabilities of the store; asked for conditional writes only */
    public PutObject(
            ObjectStore store,
            ObjectKeyring keyring,
            EncryptionPlanner planner,
            MetadataCodec codec,
            Supplier<StoreCapabilities> capabilities) {
        this.store = store;
        this.keyring = keyring;
        this.planner = planner;
        this.codec = codec;
        this.capabilities = capabilities;
    }

    @Override
    public void handle(S3Call call, ObjectRequest.PutObject request) {
        long length = call.verified().decodedLength();
        if (length < 0) {
            throw new S3Exception(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
        }
        if (length > SizeFormula.MAX_PUT) {
            throw tooLarge(length);
        }
        HttpHeaders headers = StoreHeaders.forStore(request.headers());
        if (!request.conditions().equals(WriteConditions.NONE)) {
            TargetConditions.require(request.conditions(), capabilities.get().put());
        }
        TargetConditions.add(headers, request.conditions());
        String expires = StoreHeaders.expires(request.headers());
        try (SealingKey key = keyring.create(
                call.context(),
                planner.plan(request.sse(), request.bucket(), request.key()),
                request.bucket(),
                request.key())) {
            Written written = length <= SMALL
                    ? small(call, request, headers, expires, key, (int) length)
                    : streamed(call, request, headers, expires, key, length);
            key.awaitAudit();
            call.respond(200, written.headers);
        }
    }

    private static final class Written {
        private final HttpHeaders headers = new DefaultHttpHeaders();

        Written(BackendResponse response, SealingKey key, ContentFacts facts) {
            String etag = response.headers().get("etag");
            if (etag != null) {
                headers.set("etag", ETags.toClient(etag));
            }
            String version = response.headers().get("x-amz-version-id");
            if (version != null) {
                headers.set("x-amz-version-id", version);
            }
            EncryptionHeaders.addForWrite(headers, key.sse());
            ChecksumHeaders.add(headers, facts, 0);
        }
    }

    private Written small(
            S3Call call,
            ObjectRequest.PutObject request,
            HttpHeaders headers,
            @Nullable String expires,
            SealingKey key,
            int length) {
        PayloadVerifier verifier = new PayloadVerifier(request.digests(), ChecksumAlgorithm.CRC64NVME);
        byte[] plain = WholeBody.read(call, length);
        verifier.update(plain, 0, length);
        ContentFacts facts = verifier.finish(call.verified().trailers());
        byte[] sealedFacts = SealedFacts.seal(key.dataKey(), key.keys(), facts);
        ObjectMetadata metadata;
        byte[] body;
        if (length == 0) {
            metadata =
                    ObjectMetadata.empty(key.keys(), key.commitment(), key.sse(), key.wrapped(), sealedFacts, expires);
            body = plain;
        } else {
            Id128 nonce = Id128.random();
            metadata = ObjectMetadata.single(
                    key.keys(), length, nonce, key.commitment(), key.sse(), key.wrapped(), sealedFacts, expires);
            body = SingleObject.seal(plain, nonce, key, facts);
        }
        StoreHeaders.seal(headers, codec, metadata, request.bucket(), request.key());
        BackendResponse response =
                store.put(call.exchange().eventLoop(), request.bucket(), request.key(), headers, body);
        return finish(call, response, request, key, facts);
    }

    private Written streamed(
            S3Call call,
            ObjectRequest.PutObject request,
            HttpHeaders headers,
            @Nullable String expires,
            SealingKey key,
            long length) {
        Id128 nonce = Id128.random();
        ObjectMetadata metadata = ObjectMetadata.single(
                key.keys(), length, nonce, key.commitment(), key.sse(), key.wrapped(), null, expires);
        StoreHeaders.seal(headers, codec, metadata, request.bucket(), request.key());
        PayloadVerifier verifier = new PayloadVerifier(request.digests(), ChecksumAlgorithm.CRC64NVME);
        AtomicReference<@Nullable ContentFacts> facts = new AtomicReference<>();
        BackendUpload upload = store.upload(
                call.exchange().eventLoop(), request.bucket(), request.key(), headers, SizeFormula.storedSize(length));
        Sealer sealer = key.keys().sealer(key.dataKey(), 0, nonce);
        SealingSink sink = new SealingSink(
                upload.body(),
                sealer,
                length,
                verifier,
                () -> {
                    ContentFacts verified = verifier.finish(call.verified().trailers());
                    facts.set(verified);
                    return Tail.sealFacts(key.dataKey(), key.keys(), verified, length);
                },
                Buffers.ALLOCATOR);
        BackendResponse response = StreamedBody.send(call, sink, upload);
        ContentFacts found = facts.get();
        return finish(call, response, request, key, found == null ? ContentFacts.NONE : found);
    }

    private Written finish(
            S3Call call,
            BackendResponse response,
            ObjectRequest.PutObject request,
            SealingKey key,
            ContentFacts facts) {
        if (response.status() != 200) {
            throw store.refusal(
                    call.exchange().eventLoop(), response, request.bucket(), request.key(), request.conditions());
        }
        response.close();
        return new Written(response, key, facts);
    }

    private static S3Exception tooLarge(long length) {
        return new S3Exception(
                        400,
                        "EntityTooLarge",
                        "Your proposed upload exceeds the maximum allowed size: encrypted it must fit in 5 GiB, which leaves "
                                + SizeFormula.MAX_PUT + " bytes. Use a multipart upload.")
                .with("ProposedSize", Long.toString(length))
                .with("MaxSizeAllowed", Long.toString(SizeFormula.MAX_PUT));
    }
}
