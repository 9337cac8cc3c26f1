package dev.sallyport.gateway.service;

import dev.sallyport.gateway.auth.VerifiedRequest;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.http.BodyTooLargeException;
import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.gateway.http.RequestNotes;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.S3Request;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.gateway.s3.ServiceRequest;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.sse.KmsErrors;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.KmsException;
import java.net.InetAddress;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The S3 service: parse → authorise → operation. Whatever an operation throws before it has answered is answered here.
 */
public final class S3Service {
    private static final Logger LOG = LoggerFactory.getLogger(S3Service.class);
    private static final int MAX_USER_AGENT = 1024;

    private final S3RequestParser parser;
    private final RequestAuthorizer authorizer;
    private final String region;
    private final BucketOperations buckets;
    private final ObjectOperations objects;
    private final UploadOperations uploads;

    public S3Service(
            S3RequestParser parser,
            RequestAuthorizer authorizer,
            String region,
            BucketOperations buckets,
            ObjectOperations objects,
            UploadOperations uploads) {
        this.parser = parser;
        this.authorizer = authorizer;
        this.region = region;
        this.buckets = buckets;
        this.objects = objects;
        this.uploads = uploads;
    }

    /** Answers an authenticated request. */
    public void handle(Exchange exchange, VerifiedRequest verified) {
        try {
            S3Request request = parser.parse(exchange.method(), exchange.rawTarget(), exchange.headers());
            note(exchange.notes(), request);
            S3Call call = new S3Call(exchange, verified, context(exchange, verified));
            authorizer.authorize(call, request);
            try {
                dispatch(call, request);
            } catch (S3Exception e) {
                throw shown(call, request, e);
            }
        } catch (S3Exception e) {
            S3ErrorResponder.respond(exchange, e);
        } catch (KmsException e) {
            S3ErrorResponder.respond(exchange, KmsErrors.toS3(e));
        } catch (BodyTooLargeException e) {
            S3ErrorResponder.respond(
                    exchange, new S3Exception(400, "MaxMessageLengthExceeded", "Your request was too big."));
        } catch (BackendUnavailableException e) {
            LOG.warn("request {}: the store is unavailable: {}", exchange.requestId(), e.getMessage());
            S3ErrorResponder.respond(exchange, S3ErrorResponder.unavailable());
        }
    }

    // As on AWS, a missing key is only admitted to be missing toward callers who may list the bucket.
    private S3Exception shown(S3Call call, S3Request request, S3Exception error) {
        if (!error.code().equals("NoSuchKey")) {
            return error;
        }
        String bucket = switch (request) {
            // What is missing may be the source.
            case ObjectRequest.CopyObject copy -> copy.source().bucket();
            case UploadRequest.UploadPartCopy copy -> copy.source().bucket();
            // Where If-Match found nothing.
            case UploadRequest.CompleteMultipartUpload complete -> complete.bucket();
            case ObjectRequest object -> object.bucket();
            default -> null;
        };
        return bucket != null && !authorizer.mayList(call, bucket) ? S3Errors.accessDenied() : error;
    }

    private static void note(RequestNotes notes, S3Request request) {
        notes.operation(request.getClass().getSimpleName());
        switch (request) {
            case ServiceRequest r -> {
                // Of the account: nothing more to name.
            }
            case BucketRequest r -> notes.bucket(r.bucket());
            case ObjectRequest r -> {
                notes.bucket(r.bucket());
                notes.key(r.key());
            }
            case UploadRequest r -> notes.bucket(r.bucket());
        }
    }

    private CallContext context(Exchange exchange, VerifiedRequest verified) {
        String agent = exchange.headers().get("user-agent");
        String shown = agent == null ? "-" : agent.substring(0, Math.min(agent.length(), MAX_USER_AGENT));
        InetAddress address = exchange.remote().getAddress();
        return new CallContext(
                verified.caller(),
                verified.region(),
                exchange.requestId(),
                address == null ? exchange.remote().getHostString() : address.getHostAddress(),
                shown,
                exchange.secure(),
                exchange.tlsVersion(),
                exchange.tlsCipher(),
                "s3." + region + ".amazonaws.com",
                List.of());
    }

    private void dispatch(S3Call call, S3Request request) {
        switch (request) {
            case ServiceRequest.ListBuckets r -> buckets.listBuckets().handle(call, r);
            case BucketRequest r -> dispatchBucket(call, r);
            case ObjectRequest r -> dispatchObject(call, r);
            case UploadRequest r -> dispatchUpload(call, r);
        }
    }

    private void dispatchBucket(S3Call call, BucketRequest request) {
        switch (request) {
            case BucketRequest.CreateBucket r -> buckets.createBucket().handle(call, r);
            case BucketRequest.HeadBucket r -> buckets.headBucket().handle(call, r);
            case BucketRequest.DeleteBucket r -> buckets.deleteBucket().handle(call, r);
            case BucketRequest.GetBucketLocation r ->
                buckets.getBucketLocation().handle(call, r);
            case BucketRequest.GetBucketEncryption r ->
                buckets.getBucketEncryption().handle(call, r);
            case BucketRequest.PutBucketEncryption r ->
                buckets.putBucketEncryption().handle(call, r);
            case BucketRequest.DeleteBucketEncryption r ->
                buckets.deleteBucketEncryption().handle(call, r);
            case BucketRequest.DeleteObjects r -> buckets.deleteObjects().handle(call, r);
            case BucketRequest.ListObjects r -> buckets.listObjects().handle(call, r);
            case BucketRequest.ListObjectsV2 r -> buckets.listObjectsV2().handle(call, r);
        }
    }

    private void dispatchObject(S3Call call, ObjectRequest request) {
        switch (request) {
            case ObjectRequest.GetObject r -> objects.getObject().handle(call, r);
            case ObjectRequest.HeadObject r -> objects.headObject().handle(call, r);
            case ObjectRequest.PutObject r -> objects.putObject().handle(call, r);
            case ObjectRequest.DeleteObject r -> objects.deleteObject().handle(call, r);
            case ObjectRequest.CopyObject r -> objects.copyObject().handle(call, r);
            case ObjectRequest.GetObjectAttributes r ->
                objects.getObjectAttributes().handle(call, r);
        }
    }

    private void dispatchUpload(S3Call call, UploadRequest request) {
        switch (request) {
            case UploadRequest.CreateMultipartUpload r ->
                uploads.createMultipartUpload().handle(call, r);
            case UploadRequest.UploadPart r -> uploads.uploadPart().handle(call, r);
            case UploadRequest.UploadPartCopy r -> uploads.uploadPartCopy().handle(call, r);
            case UploadRequest.CompleteMultipartUpload r ->
                uploads.completeMultipartUpload().handle(call, r);
            case UploadRequest.AbortMultipartUpload r ->
                uploads.abortMultipartUpload().handle(call, r);
            case UploadRequest.ListParts r -> uploads.listParts().handle(call, r);
            case UploadRequest.ListMultipartUploads r ->
                uploads.listMultipartUploads().handle(call, r);
        }
    }
}
