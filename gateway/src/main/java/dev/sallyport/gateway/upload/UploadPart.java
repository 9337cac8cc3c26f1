package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.object.EncryptionHeaders;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.object.StreamedBody;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.UploadRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;

/** UploadPart: one Decrypt, so that a key that was disabled takes no further part, and one PUT to the store. */
final class UploadPart implements S3Operation<UploadRequest.UploadPart> {
    private final Uploads uploads;
    private final PartWriter writer;

    UploadPart(Uploads uploads, PartWriter writer) {
        this.uploads = uploads;
        this.writer = writer;
    }

    @Override
    public void handle(S3Call call, UploadRequest.UploadPart request) {
        long size = call.verified().decodedLength();
        if (size < 0) {
            throw new S3Exception(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
        }
        PartWriter.requireSize(request.partNumber(), size);
        Upload upload = uploads.require(request.bucket(), request.key(), request.uploadId());
        ChecksumAlgorithm sent = request.digests().algorithm();
        PartWriter.requireAlgorithm(upload, sent);
        try (SealingKey key = uploads.open(call, upload)) {
            PartWriter.Written written = writer.write(
                    call.exchange().eventLoop(),
                    upload,
                    key,
                    request.partNumber(),
                    size,
                    request.digests(),
                    call.verified()::trailers,
                    (sink, target) -> StreamedBody.send(call, sink, target));
            HttpHeaders headers = new DefaultHttpHeaders();
            headers.set("etag", '"' + written.part().etag() + '"');
            EncryptionHeaders.add(headers, key.sse());
            if (upload.checksum() != null) {
                headers.set(upload.checksum().header(), written.checksum().value());
            } else if (sent != null) {
                String value = request.digests().trailing()
                        ? call.verified().trailers().get(sent.header())
                        : request.digests().value();
                if (value != null) {
                    headers.set(sent.header(), value);
                }
            }
            key.awaitAudit();
            call.respond(200, headers);
        }
    }
}
