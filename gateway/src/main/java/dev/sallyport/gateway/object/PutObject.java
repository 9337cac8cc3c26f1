package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.WriteConditions;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * PutObject: one GenerateDataKey and one PUT to the store.
 *
 * <p>A small body is read whole before the store hears of it, so that whatever is wrong with it has a proper error and its
 * facts are in the metadata. A larger one streams, and its facts are in the tail.
 */
public final class PutObject implements S3Operation<ObjectRequest.PutObject> {
    private final ObjectStore store;
    private final ObjectKeyring keyring;
    private final EncryptionPlanner planner;
    private final SingleWriter writer;
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
        this.writer = new SingleWriter(store, codec);
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
            Written written = length <= SingleWriter.SMALL
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
        SingleWriter.Target target = new SingleWriter.Target(request.bucket(), request.key(), headers, expires);
        return finish(call, writer.write(call.exchange().eventLoop(), target, key, plain, facts), request, key);
    }

    private Written streamed(
            S3Call call,
            ObjectRequest.PutObject request,
            HttpHeaders headers,
            @Nullable String expires,
            SealingKey key,
            long length) {
        PayloadVerifier verifier = new PayloadVerifier(request.digests(), ChecksumAlgorithm.CRC64NVME);
        SingleWriter.Written written = writer.stream(
                call.exchange().eventLoop(),
                new SingleWriter.Target(request.bucket(), request.key(), headers, expires),
                key,
                length,
                verifier,
                call.verified()::trailers,
                (sink, upload) -> StreamedBody.send(call, sink, upload));
        return finish(call, written, request, key);
    }

    private Written finish(S3Call call, SingleWriter.Written written, ObjectRequest.PutObject request, SealingKey key) {
        BackendResponse response = written.response();
        if (response.status() != 200) {
            throw store.refusal(
                    call.exchange().eventLoop(), response, request.bucket(), request.key(), request.conditions());
        }
        response.close();
        return new Written(response, key, written.facts());
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
