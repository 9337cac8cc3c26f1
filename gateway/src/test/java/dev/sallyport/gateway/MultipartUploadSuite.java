package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.S3Store;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** Multipart uploads through the whole gateway, by the AWS SDK. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MultipartUploadSuite {
    private static final String BUCKET = "parts";
    private static final int MIN = 5 << 20;

    private Path directory;
    private S3Store store;
    private GatewayFixture gateway;

    abstract S3Store openStore();

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        store = openStore();
        gateway = GatewayFixture.start(store, directory);
        try (S3Client s3 = s3()) {
            s3.createBucket(r -> r.bucket(BUCKET));
        }
    }

    @AfterAll
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        if (store != null) {
            store.close();
        }
    }

    private S3Client s3() {
        return gateway.s3(gateway.administrator());
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static CompletedPart part(S3Client s3, String key, String id, int number, byte[] body) {
        UploadPartResponse sent = s3.uploadPart(
                r -> r.bucket(BUCKET).key(key).uploadId(id).partNumber(number), RequestBody.fromBytes(body));
        assertThat(sent.serverSideEncryptionAsString()).isEqualTo("aws:kms");
        return CompletedPart.builder().partNumber(number).eTag(sent.eTag()).build();
    }

    private static CompleteMultipartUploadResponse complete(
            S3Client s3, String key, String id, List<CompletedPart> parts) {
        return s3.completeMultipartUpload(
                r -> r.bucket(BUCKET).key(key).uploadId(id).multipartUpload(m -> m.parts(parts)));
    }

    private static String create(S3Client s3, String key) {
        return s3.createMultipartUpload(r -> r.bucket(BUCKET).key(key)).uploadId();
    }

    private static void roundTrip(S3Client s3, String key, Map<Integer, byte[]> bodies) {
        String id = create(s3, key);
        List<CompletedPart> parts = new ArrayList<>();
        int length = 0;
        for (int number : bodies.keySet().stream().sorted((a, b) -> b - a).toList()) {
            parts.addFirst(part(s3, key, id, number, Objects.requireNonNull(bodies.get(number))));
            length += Objects.requireNonNull(bodies.get(number)).length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (int number : bodies.keySet().stream().sorted().toList()) {
            System.arraycopy(
                    Objects.requireNonNull(bodies.get(number)),
                    0,
                    whole,
                    at,
                    Objects.requireNonNull(bodies.get(number)).length);
            at += Objects.requireNonNull(bodies.get(number)).length;
        }
        String etag = complete(s3, key, id, parts).eTag();
        assertThat(complete(s3, key, id, parts).eTag()).as("a retry").isEqualTo(etag);
        byte[] read = s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(key)).asByteArray();
        assertThat(Arrays.equals(read, whole)).as(key).isTrue();
        assertThat(s3.headObject(r -> r.bucket(BUCKET).key(key)).contentLength())
                .isEqualTo(length);
        assertThat(s3.listObjectsV2(r -> r.bucket(BUCKET).prefix(key))
                        .contents()
                        .getFirst()
                        .size())
                .isEqualTo(length);
    }

    @Test
    void givesBackWhatCameInParts() {
        try (S3Client s3 = s3()) {
            roundTrip(s3, "two", Map.of(1, random(MIN, 1), 2, random(70_001, 2)));
            roundTrip(s3, "last-is-large", Map.of(2, random(MIN + 3, 3), 7, random(MIN, 4)));
            roundTrip(s3, "last-is-empty", Map.of(1, random(MIN, 5), 3, new byte[0]));
            roundTrip(s3, "only-small", Map.of(4, random(100_000, 6)));
            roundTrip(s3, "only-empty", Map.of(1, new byte[0]));
            roundTrip(s3, "only-part-10000", Map.of(10_000, random(MIN + 1, 7)));
            assertThat(s3.listBuckets().buckets())
                    .as("the staging bucket is hidden")
                    .extracting(b -> b.name())
                    .contains(BUCKET)
                    .isSubsetOf(BUCKET, "unknown-outcome");
        }
    }

    @Test
    void holdsTheListAgainstItsRulesAndForgetsWhatIsAborted() {
        try (S3Client s3 = s3()) {
            String id = create(s3, "rules");
            CompletedPart one = part(s3, "rules", id, 1, random(10, 1));
            CompletedPart again = part(s3, "rules", id, 1, random(11, 2));
            CompletedPart two = part(s3, "rules", id, 2, random(10, 3));
            assertThat(code(() -> complete(s3, "rules", id, List.of(two, one)))).isEqualTo("InvalidPartOrder");
            assertThat(code(() -> complete(s3, "rules", id, List.of(one, two)))).isEqualTo("EntityTooSmall");
            assertThat(code(() -> complete(
                            s3,
                            "rules",
                            id,
                            List.of(one.toBuilder().eTag("\"00\"").build()))))
                    .isEqualTo("InvalidPart");
            assertThat(s3.listParts(r -> r.bucket(BUCKET).key("rules").uploadId(id))
                            .parts())
                    .extracting(p -> p.size())
                    .containsExactly(11L, 10L);
            assertThat(s3.listMultipartUploads(r -> r.bucket(BUCKET).prefix("ru"))
                            .uploads())
                    .extracting(u -> u.uploadId())
                    .containsExactly(id);
            s3.abortMultipartUpload(r -> r.bucket(BUCKET).key("rules").uploadId(id));
            assertThat(code(() -> complete(s3, "rules", id, List.of(again)))).isEqualTo("NoSuchUpload");
            assertThat(s3.listMultipartUploads(r -> r.bucket(BUCKET).prefix("ru"))
                            .uploads())
                    .isEmpty();
        }
    }

    @Test
    void aCompletionOfUnknownOutcomeAnswersItsOwnListOnly() throws Exception {
        try (S3Client s3 = s3();
                Connection tables = DriverManager.getConnection("jdbc:sqlite:" + uploadsDatabase())) {
            s3.createBucket(r -> r.bucket("unknown-outcome"));
            String id = s3.createMultipartUpload(
                            r -> r.bucket("unknown-outcome").key("k"))
                    .uploadId();
            String[] etags = new String[2];
            for (int i = 0; i < 2; i++) {
                byte[] body = random(MIN, i);
                etags[i] = s3.uploadPart(
                                r -> r.bucket("unknown-outcome")
                                        .key("k")
                                        .uploadId(id)
                                        .partNumber(1),
                                RequestBody.fromBytes(body))
                        .eTag();
            }
            String ofUpload = " FROM part WHERE upload_seq = (SELECT seq FROM upload WHERE id = '" + id + "')";
            sql(tables, "CREATE TABLE kept AS SELECT *" + ofUpload);
            String etag = completeOne(s3, id, etags[1]);
            // the parts are forgotten behind the answer
            awaitNone(tables, "SELECT count(*)" + ofUpload);
            // As if the gateway had ended before it heard from the store.
            sql(tables, "UPDATE upload SET state = 'completing', result = NULL WHERE id = '" + id + "'");
            sql(tables, "INSERT INTO part SELECT * FROM kept");
            sql(tables, "DROP TABLE kept");
            assertThat(code(() -> completeOne(s3, id, etags[0])))
                    .as("a list of the same size that was not completed")
                    .isEqualTo("NoSuchUpload");
            assertThat(completeOne(s3, id, etags[1])).isEqualTo(etag);
        }
    }

    private static String completeOne(S3Client s3, String id, String etag) {
        CompletedPart part = CompletedPart.builder().partNumber(1).eTag(etag).build();
        return s3.completeMultipartUpload(
                        r -> r.bucket("unknown-outcome").key("k").uploadId(id).multipartUpload(m -> m.parts(part)))
                .eTag();
    }

    private Path uploadsDatabase() {
        return directory.resolve("uploads").resolve("uploads.db");
    }

    private static void awaitNone(Connection connection, String count) throws Exception {
        for (int i = 0; i < 600; i++) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(count)) {
                if (rows.next() && rows.getInt(1) == 0) {
                    return;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the parts of a completed upload are still there");
    }

    private static void sql(Connection connection, String text) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private static String code(Runnable request) {
        S3Exception refused = catchThrowableOfType(S3Exception.class, request::run);
        return refused.awsErrorDetails().errorCode();
    }
}
