package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.object.CopySources;
import dev.sallyport.gateway.object.EncryptionHeaders;
import dev.sallyport.gateway.object.OpenSource;
import dev.sallyport.gateway.object.Refusals;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.CopySource;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * UploadPartCopy. A part is sealed under its upload's data key, so the bytes pass the gateway: opened as the store gives
 * them, sealed anew, sent back. One Decrypt for the source, one for the upload.
 */
final class UploadPartCopy implements S3Operation<UploadRequest.UploadPartCopy> {
    private final Uploads uploads;
    private final PartWriter writer;
    private final CopySources sources;

    UploadPartCopy(Uploads uploads, PartWriter writer, CopySources sources) {
        this.uploads = uploads;
        this.writer = writer;
        this.sources = sources;
    }

    @Override
    public void handle(S3Call call, UploadRequest.UploadPartCopy request) {
        Upload upload = uploads.require(request.bucket(), request.key(), request.uploadId());
        CopySource from = request.source();
        try (SealingKey key = uploads.open(call, upload);
                OpenSource source = sources.open(call, from, request.range())) {
            PartWriter.requireSize(request.partNumber(), source.length());
            EventLoop loop = call.exchange().eventLoop();
            HttpHeaders headers = new DefaultHttpHeaders();
            EncryptionHeaders.add(headers, key.sse());
            call.hold(headers, () -> {
                source.awaitAudit();
                key.awaitAudit();
            });
            PartWriter.Written written = writer.write(
                    loop,
                    upload,
                    key,
                    request.partNumber(),
                    source.length(),
                    PayloadDigests.NONE,
                    Map::of,
                    (sink, target) -> source.send(loop, sink, target));
            Part part = written.part();
            XmlWriter xml = XmlWriter.document("CopyPartResult")
                    .element(
                            "LastModified",
                            part.modified().truncatedTo(ChronoUnit.MILLIS).toString())
                    .element("ETag", '"' + part.etag() + '"');
            if (upload.checksum() != null) {
                xml.element(upload.checksum().xmlName(), written.checksum().value());
            }
            source.awaitAudit();
            key.awaitAudit();
            call.respondXml(headers, xml);
        } catch (ForgedObjectException e) {
            throw Refusals.forged(from.bucket(), from.key(), call.exchange().requestId(), e);
        }
    }
}
