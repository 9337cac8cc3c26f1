package dev.sallyport.gateway.service;

import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.operation.S3Access;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.CopySource;
import dev.sallyport.gateway.s3.ListPage;
import dev.sallyport.gateway.s3.ObjectHeaders;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.S3Arn;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.S3Request;
import dev.sallyport.gateway.s3.ServiceRequest;
import dev.sallyport.gateway.s3.SseHeaders;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.s3.WriteConditions;
import dev.sallyport.kms.access.AccessDecision;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.access.AccessRequest;
import dev.sallyport.kms.access.PolicyDocument;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks the access evaluator whether the caller may do what a request does: identity policies, and the bucket's policy, on
 * the actions, resources and condition keys that AWS documents.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html">Required
 *     permissions for S3 API operations</a>
 */
public final class S3Authorizer implements RequestAuthorizer, S3Access {
    private static final String SSE = "s3:x-amz-server-side-encryption";

    private final AccessEvaluator evaluator;
    private final BucketPolicies bucketPolicies;
    private final UploadEncryption uploads;
    private final KeyArns keys;

    /**
     * @param uploads for the condition keys of requests on uploads
     * @param keys for the condition key of the KMS key that a request names
     */
    public S3Authorizer(
            AccessEvaluator evaluator, BucketPolicies bucketPolicies, UploadEncryption uploads, KeyArns keys) {
        this.uploads = uploads;
        this.keys = keys;
        this.evaluator = evaluator;
        this.bucketPolicies = bucketPolicies;
    }

    @Override
    public void authorize(S3Call call, S3Request request) {
        switch (request) {
            case ServiceRequest.ListBuckets r -> listBuckets(call);
            case BucketRequest r -> bucket(call, r);
            case ObjectRequest r -> object(call, r);
            case UploadRequest r -> upload(call, r);
        }
    }

    @Override
    public @Nullable S3Exception denial(
            S3Call call, String action, String bucket, @Nullable String key, Map<String, String> conditions) {
        AccessRequest question = question(call, action, bucket, key);
        for (Map.Entry<String, String> condition : conditions.entrySet()) {
            question = question.with(condition.getKey(), condition.getValue());
        }
        return decide(question, bucket);
    }

    @Override
    public boolean mayList(S3Call call, String bucket) {
        return denial(call, "s3:ListBucket", bucket, null) == null;
    }

    // Policies name all buckets as * or arn:aws:s3:::*; AWS's error names no resource.
    private void listBuckets(S3Call call) {
        AccessRequest question = base(call, "s3:ListAllMyBuckets", S3Arn.bucket("*"));
        AccessDecision decision = evaluator.evaluate(question);
        if (!decision.allowed()) {
            throw denied(decision.message(base(call, "s3:ListAllMyBuckets", "*")));
        }
    }

    private void bucket(S3Call call, BucketRequest request) {
        String bucket = request.bucket();
        switch (request) {
            case BucketRequest.HeadBucket r -> require(question(call, "s3:ListBucket", bucket, null), bucket);
            case BucketRequest.DeleteBucket r -> require(question(call, "s3:DeleteBucket", bucket, null), bucket);
            case BucketRequest.GetBucketLocation r ->
                require(question(call, "s3:GetBucketLocation", bucket, null), bucket);
            case BucketRequest.GetBucketEncryption r ->
                require(question(call, "s3:GetEncryptionConfiguration", bucket, null), bucket);
            case BucketRequest.PutBucketEncryption r ->
                require(question(call, "s3:PutEncryptionConfiguration", bucket, null), bucket);
            case BucketRequest.DeleteBucketEncryption r ->
                require(question(call, "s3:PutEncryptionConfiguration", bucket, null), bucket);
            case BucketRequest.ListObjects r -> list(call, bucket, r.page());
            case BucketRequest.ListObjectsV2 r -> list(call, bucket, r.page());
            case BucketRequest.CreateBucket r -> {
                // Decided where the location is read.
            }
            case BucketRequest.DeleteObjects r -> {
                // Each key is decided where the list is read.
            }
        }
    }

    private void list(S3Call call, String bucket, ListPage page) {
        AccessRequest question = question(call, "s3:ListBucket", bucket, null)
                .with("s3:max-keys", Integer.toString(page.maxKeys()))
                .with("s3:prefix", page.prefix() == null ? "" : page.prefix());
        if (page.delimiter() != null) {
            question = question.with("s3:delimiter", page.delimiter());
        }
        require(question, bucket);
    }

    private void object(S3Call call, ObjectRequest request) {
        String bucket = request.bucket();
        String key = request.key();
        switch (request) {
            case ObjectRequest.GetObject r -> require(question(call, "s3:GetObject", bucket, key), bucket);
            case ObjectRequest.HeadObject r -> require(question(call, "s3:GetObject", bucket, key), bucket);
            case ObjectRequest.GetObjectAttributes r -> {
                require(question(call, "s3:GetObject", bucket, key), bucket);
                require(question(call, "s3:GetObjectAttributes", bucket, key), bucket);
            }
            case ObjectRequest.DeleteObject r -> {
                AccessRequest question = question(call, "s3:DeleteObject", bucket, key);
                require(r.ifMatch() == null ? question : question.with("s3:if-match", r.ifMatch()), bucket);
            }
            case ObjectRequest.PutObject r ->
                require(
                        creating(
                                write(
                                        call,
                                        question(call, "s3:PutObject", bucket, key),
                                        r.headers(),
                                        r.sse(),
                                        r.conditions()),
                                true),
                        bucket);
            case ObjectRequest.CopyObject r -> {
                source(call, r.source());
                AccessRequest question = creating(
                                write(
                                        call,
                                        question(call, "s3:PutObject", bucket, key),
                                        r.headers(),
                                        r.sse(),
                                        r.conditions()),
                                true)
                        .with("s3:x-amz-metadata-directive", r.replaceMetadata() ? "REPLACE" : "COPY");
                require(copyOf(question, r.source()), bucket);
            }
        }
    }

    private void upload(S3Call call, UploadRequest request) {
        String bucket = request.bucket();
        switch (request) {
            case UploadRequest.CreateMultipartUpload r ->
                require(
                        creating(
                                write(
                                        call,
                                        question(call, "s3:PutObject", bucket, r.key()),
                                        r.headers(),
                                        r.sse(),
                                        WriteConditions.NONE),
                                false),
                        bucket);
            case UploadRequest.UploadPart r ->
                require(creating(part(call, bucket, r.key(), r.uploadId()), false), bucket);
            case UploadRequest.UploadPartCopy r -> {
                source(call, r.source());
                require(creating(copyOf(part(call, bucket, r.key(), r.uploadId()), r.source()), false), bucket);
            }
            case UploadRequest.CompleteMultipartUpload r ->
                require(creating(conditions(part(call, bucket, r.key(), r.uploadId()), r.conditions()), true), bucket);
            case UploadRequest.AbortMultipartUpload r ->
                require(question(call, "s3:AbortMultipartUpload", bucket, r.key()), bucket);
            case UploadRequest.ListParts r ->
                require(question(call, "s3:ListMultipartUploadParts", bucket, r.key()), bucket);
            case UploadRequest.ListMultipartUploads r ->
                require(question(call, "s3:ListBucketMultipartUploads", bucket, null), bucket);
        }
    }

    // A policy that denies unencrypted uploads sees the encryption that the upload began with, as on AWS.
    private AccessRequest part(S3Call call, String bucket, String key, String uploadId) {
        AccessRequest question = question(call, "s3:PutObject", bucket, key);
        SseFacts sse = uploads.of(bucket, key, uploadId);
        return sse == null
                ? question
                : question.with(SSE, sse.algorithm().wireName()).with(SSE + "-aws-kms-key-id", sse.keyArn());
    }

    private void source(S3Call call, CopySource source) {
        require(question(call, "s3:GetObject", source.bucket(), source.key()), source.bucket());
    }

    private static AccessRequest copyOf(AccessRequest question, CopySource source) {
        return question.with("s3:x-amz-copy-source", source.bucket() + "/" + source.key());
    }

    // What a policy says of an object's creation is meant for the requests that make one, not for those of its parts.
    private static AccessRequest creating(AccessRequest question, boolean creates) {
        return question.with("s3:ObjectCreationOperation", Boolean.toString(creates));
    }

    // Only what the request itself names, as on AWS: a bucket's default brings no condition key. Policies name the key
    // by
    // its ARN, whatever form the client sent.
    private AccessRequest write(
            S3Call call, AccessRequest question, ObjectHeaders headers, SseHeaders sse, WriteConditions conditions) {
        AccessRequest with = conditions(question, conditions);
        with = optional(with, SSE, sse.algorithm());
        String key = sse.keyId();
        if (key != null && !key.isBlank()) {
            with = with.with(SSE + "-aws-kms-key-id", keys.arnOf(call.context(), key));
        }
        return optional(with, "s3:x-amz-storage-class", headers.storageClass());
    }

    private static AccessRequest conditions(AccessRequest question, WriteConditions conditions) {
        AccessRequest with = optional(question, "s3:if-match", conditions.ifMatch());
        return conditions.ifNoneMatch() ? with.with("s3:if-none-match", "*") : with;
    }

    private static AccessRequest optional(AccessRequest question, String key, @Nullable String value) {
        return value == null ? question : question.with(key, value);
    }

    private AccessRequest question(S3Call call, String action, String bucket, @Nullable String key) {
        return base(call, action, key == null ? S3Arn.bucket(bucket) : S3Arn.object(bucket, key));
    }

    private static AccessRequest base(S3Call call, String action, String resource) {
        AccessRequest question = AccessRequest.of(call.direct(), action, resource)
                .with("s3:authType", call.verified().presigned() ? "REST-QUERY-STRING" : "REST-HEADER")
                .with("s3:signatureversion", "AWS4-HMAC-SHA256")
                .with("s3:ResourceAccount", call.context().caller().accountId())
                .with("aws:ResourceAccount", call.context().caller().accountId());
        String tls = call.context().tlsVersion();
        if (tls != null) {
            // Named TLSv1.3 in Java, 1.3 in policies.
            question = question.with("s3:TlsVersion", tls.replace("TLSv", ""));
        }
        return SignedConditions.add(
                optional(question, "aws:Referer", call.exchange().headers().get("referer")), call, Instant.now());
    }

    private void require(AccessRequest question, String bucket) {
        S3Exception denial = decide(question, bucket);
        if (denial != null) {
            throw denial;
        }
    }

    private @Nullable S3Exception decide(AccessRequest question, String bucket) {
        PolicyDocument policy = bucketPolicies.of(bucket);
        AccessDecision decision = evaluator.evaluateBucket(question, policy);
        return decision.allowed() ? null : denied(decision.message(question));
    }

    private static S3Exception denied(String message) {
        return new S3Exception(403, "AccessDenied", message);
    }
}
