package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.UploadRequest;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;

/** AbortMultipartUpload: decided in the tables; what the store keeps of it is deleted, at the latest by the sweeper. */
final class AbortMultipartUpload implements S3Operation<UploadRequest.AbortMultipartUpload> {
    private final Uploads uploads;
    private final Running running;

    AbortMultipartUpload(Uploads uploads, Running running) {
        this.uploads = uploads;
        this.running = running;
    }

    @Override
    public void handle(S3Call call, UploadRequest.AbortMultipartUpload request) {
        try (Running.Turn turn = running.enter(request.uploadId())) {
            Upload upload = uploads.tables.find(request.bucket(), request.key(), request.uploadId());
            boolean takesParts = upload != null && upload.state().takesParts();
            if (upload == null || !takesParts || !uploads.tables.abort(upload, uploads.now())) {
                throw S3Errors.noSuchUpload(request.uploadId());
            }
            clean(call.exchange().eventLoop(), uploads, upload);
        }
        call.respond(204, new DefaultHttpHeaders());
    }

    /** Deletes what an aborted upload has left, then its rows. */
    static boolean clean(EventLoop loop, Uploads uploads, Upload upload) {
        try {
            if (uploads.store.abort(loop, upload) && uploads.discardParts(loop, upload)) {
                uploads.tables.remove(upload);
                return true;
            }
        } catch (BackendUnavailableException e) {
            // The sweeper comes again.
            return false;
        }
        return false;
    }
}
