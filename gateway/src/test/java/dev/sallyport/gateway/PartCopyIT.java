package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;
import software.amazon.awssdk.services.s3.model.UploadPartCopyResponse;

/** UploadPartCopy through the whole gateway, by the AWS SDK. */
@Timeout(180)
class PartCopyIT {
    private static final int MIN = 5 << 20;
    private static final int SEGMENT = 64 << 10;
    private static final String FROM = "copy-sources";
    private static final String TO = "copy-targets";

    @TempDir
    Path directory;

    @Test
    void copiesPartsOverTheEmbeddedStore() throws Exception {
        try (S3Store store = new EmbeddedS3Store()) {
            copiesParts(store);
        }
    }

    @Test
    void copiesPartsOverMinio() throws Exception {
        try (S3Store store = MinioStore.openOrSkip()) {
            copiesParts(store);
        }
    }

    private void copiesParts(S3Store store) throws Exception {
        try (GatewayFixture gateway = GatewayFixture.start(store, directory);
                S3Client s3 = gateway.s3(gateway.administrator());
                S3Client stranger = gateway.s3(gateway.stranger());
                KmsClient kms = gateway.kms(gateway.administrator())) {
            s3.createBucket(r -> r.bucket(FROM));
            s3.createBucket(r -> r.bucket(TO));
            byte[] single = random(MIN + SEGMENT + 17, 1);
            s3.putObject(r -> r.bucket(FROM).key("single + one"), RequestBody.fromBytes(single));
            s3.putObject(r -> r.bucket(FROM).key("empty"), RequestBody.empty());
            byte[] parts = random(2 * MIN + 999, 2);
            multipart(s3, "multipart", parts);
            wholesAndRanges(s3, single, parts);
            refusals(s3, single.length);
            conditions(s3);
            S3Exception denied = refusal(stranger, "any", r -> r.sourceKey("single + one"));
            assertThat(denied.statusCode()).isEqualTo(403);
            assertThat(denied.getMessage()).contains("s3:GetObject").contains(FROM + "/single + one");
            sourceKeyMustOpen(s3, kms);
        }
    }

    private static void wholesAndRanges(S3Client s3, byte[] single, byte[] parts) {
        String id = s3.createMultipartUpload(
                        r -> r.bucket(TO).key("assembled").checksumAlgorithm(ChecksumAlgorithm.CRC32))
                .uploadId();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        List<CompletedPart> list = new ArrayList<>();
        Consumer<Piece> copy = piece -> {
            UploadPartCopyResponse answer = s3.uploadPartCopy(r -> {
                r.sourceBucket(FROM).sourceKey(piece.key).destinationBucket(TO);
                r.destinationKey("assembled").uploadId(id).partNumber(list.size() + 1);
                if (piece.length != piece.source.length) {
                    r.copySourceRange("bytes=" + piece.from + '-' + (piece.from + piece.length - 1));
                }
            });
            assertThat(answer.serverSideEncryption()).isEqualTo(ServerSideEncryption.AWS_KMS);
            assertThat(answer.ssekmsKeyId()).startsWith("arn:aws:kms:");
            assertThat(answer.copyPartResult().lastModified())
                    .isAfter(Instant.now().minusSeconds(600));
            assertThat(answer.copyPartResult().checksumCRC32()).isNotEmpty();
            list.add(CompletedPart.builder()
                    .partNumber(list.size() + 1)
                    .eTag(answer.copyPartResult().eTag())
                    .checksumCRC32(answer.copyPartResult().checksumCRC32())
                    .build());
            expected.write(piece.source, piece.from, piece.length);
        };
        copy.accept(new Piece("single + one", single, 0, single.length));
        copy.accept(new Piece("multipart", parts, 0, parts.length));
        copy.accept(new Piece("single + one", single, SEGMENT - 1, MIN));
        copy.accept(new Piece("multipart", parts, MIN - 5, MIN + 900));
        // Under 5 MiB, and so the last: it waits for the completion.
        copy.accept(new Piece("multipart", parts, 2 * MIN - 1, 7));
        assertThat(s3.listParts(r -> r.bucket(TO).key("assembled").uploadId(id)).parts())
                .extracting(part -> part.size())
                .containsExactly((long) single.length, (long) parts.length, (long) MIN, MIN + 900L, 7L);
        s3.completeMultipartUpload(
                r -> r.bucket(TO).key("assembled").uploadId(id).multipartUpload(m -> m.parts(list)));
        byte[] read = s3.getObjectAsBytes(r -> r.bucket(TO).key("assembled")).asByteArray();
        assertThat(Arrays.equals(read, expected.toByteArray())).isTrue();

        String empty = s3.createMultipartUpload(r -> r.bucket(TO).key("empty")).uploadId();
        String etag = s3.uploadPartCopy(r -> r.sourceBucket(FROM)
                        .sourceKey("empty")
                        .destinationBucket(TO)
                        .destinationKey("empty")
                        .uploadId(empty)
                        .partNumber(1))
                .copyPartResult()
                .eTag();
        s3.completeMultipartUpload(r -> r.bucket(TO)
                .key("empty")
                .uploadId(empty)
                .multipartUpload(m ->
                        m.parts(CompletedPart.builder().partNumber(1).eTag(etag).build())));
        assertThat(s3.headObject(r -> r.bucket(TO).key("empty")).contentLength())
                .isZero();
    }

    /** What to copy of which source. */
    private static final class Piece {
        private final String key;
        private final byte[] source;
        private final int from;
        private final int length;

        Piece(String key, byte[] source, int from, int length) {
            this.key = key;
            this.source = source;
            this.from = from;
            this.length = length;
        }
    }

    private static void refusals(S3Client s3, int length) {
        for (String range : new String[] {"bytes=0-", "bytes=-5", "bytes=5-4", "0-4", "bytes=0-1,3-4", "bytes=x-4"}) {
            S3Exception form =
                    refusal(s3, "refused", r -> r.sourceKey("single + one").copySourceRange(range));
            assertThat(form.awsErrorDetails().errorCode()).as(range).isEqualTo("InvalidArgument");
            assertThat(form.getMessage()).contains("must be of the form bytes=first-last");
        }
        S3Exception beyond =
                refusal(s3, "refused", r -> r.sourceKey("single + one").copySourceRange("bytes=0-" + length));
        assertThat(beyond.awsErrorDetails().errorCode()).isEqualTo("InvalidArgument");
        assertThat(beyond.getMessage()).contains("Range specified is not valid for source object of size: " + length);
        assertThat(refusal(s3, "refused", r -> r.sourceKey("missing"))
                        .awsErrorDetails()
                        .errorCode())
                .isEqualTo("NoSuchKey");
        assertThat(refusal(s3, "refused", r -> r.sourceKey("multipart").uploadId("0".repeat(64)))
                        .awsErrorDetails()
                        .errorCode())
                .isEqualTo("NoSuchUpload");
        assertThat(refusal(s3, "refused", r -> r.sourceKey("multipart").copySourceSSECustomerAlgorithm("AES256"))
                        .statusCode())
                .isEqualTo(501);
    }

    private static void conditions(S3Client s3) {
        String etag = s3.headObject(r -> r.bucket(FROM).key("multipart")).eTag();
        Instant past = Instant.now().minusSeconds(3600);
        List<Consumer<UploadPartCopyRequest.Builder>> failing = new ArrayList<>();
        failing.add(r -> r.copySourceIfMatch("\"0123\""));
        failing.add(r -> r.copySourceIfNoneMatch(etag));
        failing.add(r -> r.copySourceIfUnmodifiedSince(past));
        failing.add(r -> r.copySourceIfModifiedSince(Instant.now()));
        for (Consumer<UploadPartCopyRequest.Builder> condition : failing) {
            S3Exception failed = refusal(s3, "conditions", r -> condition.accept(r.sourceKey("multipart")));
            assertThat(failed.statusCode()).isEqualTo(412);
            assertThat(failed.awsErrorDetails().errorCode()).isEqualTo("PreconditionFailed");
        }
        String id =
                s3.createMultipartUpload(r -> r.bucket(TO).key("conditions")).uploadId();
        assertThat(s3.uploadPartCopy(r -> r.sourceBucket(FROM)
                                .sourceKey("multipart")
                                .copySourceIfMatch(etag)
                                .copySourceIfUnmodifiedSince(past)
                                .destinationBucket(TO)
                                .destinationKey("conditions")
                                .uploadId(id)
                                .partNumber(1))
                        .copyPartResult()
                        .eTag())
                .isNotEmpty();
    }

    private static void sourceKeyMustOpen(S3Client s3, KmsClient kms) {
        String key = kms.createKey().keyMetadata().keyId();
        s3.putObject(
                r -> r.bucket(FROM)
                        .key("locked")
                        .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                        .ssekmsKeyId(key),
                RequestBody.fromString("text"));
        kms.disableKey(r -> r.keyId(key));
        assertThat(refusal(s3, "locked", r -> r.sourceKey("locked"))
                        .awsErrorDetails()
                        .errorCode())
                .isEqualTo("KMS.DisabledException");
    }

    /** A copy of one part that is refused, into an upload of its own where the caller may begin one. */
    private static S3Exception refusal(S3Client s3, String key, Consumer<UploadPartCopyRequest.Builder> request) {
        String id;
        try {
            id = s3.createMultipartUpload(r -> r.bucket(TO).key(key)).uploadId();
        } catch (S3Exception e) {
            id = "0".repeat(64);
        }
        String upload = id;
        return catchThrowableOfType(
                S3Exception.class,
                () -> s3.uploadPartCopy(r -> request.accept(r.sourceBucket(FROM)
                        .destinationBucket(TO)
                        .destinationKey(key)
                        .uploadId(upload)
                        .partNumber(1))));
    }

    private static void multipart(S3Client s3, String key, byte[] body) {
        String id = s3.createMultipartUpload(r -> r.bucket(FROM).key(key)).uploadId();
        List<CompletedPart> list = new ArrayList<>();
        for (int from = 0; from < body.length; from += MIN) {
            int number = list.size() + 1;
            byte[] part = Arrays.copyOfRange(body, from, Math.min(body.length, from + MIN));
            String etag = s3.uploadPart(
                            r -> r.bucket(FROM).key(key).uploadId(id).partNumber(number), RequestBody.fromBytes(part))
                    .eTag();
            list.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
        }
        s3.completeMultipartUpload(r -> r.bucket(FROM).key(key).uploadId(id).multipartUpload(m -> m.parts(list)));
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
