package dev.sallyport.gateway.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.operation.FakeStore;
import dev.sallyport.gateway.operation.FakeStore.Answer;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.ServiceRequest;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.sse.DefaultEncryption.Rule;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BucketOperationsTest {
    private static final Account US = new Account("111122223333", "us-east-1");
    private static final BucketNames NAMES = new BucketNames(Map.of("photos", "acme-photos"), Set.of("staging"));

    private final MemoryKeyStore rows = new MemoryKeyStore();
    private final BucketSettingsStore settings = new BucketSettingsStore(rows, BucketMode.STRICT);

    private static BucketStore store(FakeStore fake) {
        return new BucketStore(fake, NAMES);
    }

    private static FakeStore answering(int status, String body) {
        return new FakeStore(request -> Answer.of(status, body));
    }

    private static S3Exception refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        S3Exception refused = catchThrowableOfType(S3Exception.class, action);
        assertThat(refused).isNotNull();
        return refused;
    }

    private static FakeExchange create(FakeStore fake, Account account, String body, String bucket) {
        FakeExchange exchange = new FakeExchange("PUT", "/" + bucket, body.getBytes(StandardCharsets.UTF_8));
        new CreateBucket(store(fake), account, "us-east-1", (call, action, name, key, more) -> null)
                .handle(exchange.call(), new BucketRequest.CreateBucket(bucket));
        return exchange;
    }

    private static String constraint(String region) {
        return "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>"
                + region + "</LocationConstraint></CreateBucketConfiguration>";
    }

    @Test
    void createsWithAndWithoutAConstraint() {
        FakeStore fake = answering(200, "");
        FakeExchange exchange = create(fake, US, "", "photos");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.answerHeaders().get("location")).isEqualTo("/photos");
        assertThat(fake.lines()).containsExactly("PUT /acme-photos");
        create(fake, new Account("111122223333", "eu-central-1"), constraint("eu-central-1"), "other");
    }

    @Test
    void whoMayNotMakeABucketThereIsRefusedBeforeTheStoreHearsOfIt() {
        FakeStore fake = answering(200, "");
        CreateBucket operation = new CreateBucket(
                store(fake),
                new Account("111122223333", "eu-central-1"),
                "us-east-1",
                (call, action, bucket, key, conditions) -> {
                    assertThat(action).isEqualTo("s3:CreateBucket");
                    assertThat(conditions).isEqualTo(Map.of("s3:LocationConstraint", "eu-central-1"));
                    return new S3Exception(403, "AccessDenied", "no");
                });
        FakeExchange exchange =
                new FakeExchange("PUT", "/other", constraint("eu-central-1").getBytes(StandardCharsets.UTF_8));
        assertThat(refusal(() -> operation.handle(exchange.call(), new BucketRequest.CreateBucket("other")))
                        .status())
                .isEqualTo(403);
        assertThat(fake.requests()).isEmpty();
    }

    @Test
    void constraintsAsRecorded() {
        FakeStore fake = answering(200, "");
        S3Exception first = refusal(() -> create(fake, US, constraint("us-east-1"), "other"));
        assertThat(first.code()).isEqualTo("InvalidLocationConstraint");
        assertThat(first.details()).containsEntry("LocationConstraint", "us-east-1");
        Account west = new Account("111122223333", "us-west-1");
        assertThat(refusal(() -> create(fake, west, "", "other")))
                .hasMessage(
                        "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.");
        assertThat(refusal(() -> create(fake, west, constraint("bar"), "other")))
                .hasMessage(
                        "The bar location constraint is incompatible for the region specific endpoint this request was sent to.");
        assertThat(refusal(() -> create(fake, US, "<Wrong/>", "other")).code()).isEqualTo("MalformedXML");
        assertThat(refusal(() -> create(
                                fake,
                                US,
                                "<CreateBucketConfiguration><Tags><Tag/></Tags></CreateBucketConfiguration>",
                                "other"))
                        .status())
                .isEqualTo(501);
        assertThat(fake.requests()).isEmpty();
    }

    @Test
    void existingBuckets() {
        FakeStore fake = new FakeStore(request -> Answer.error(409, "BucketAlreadyOwnedByYou"));
        assertThat(create(fake, US, "", "other").status()).isEqualTo(200);
        Account eu = new Account("111122223333", "eu-central-1");
        S3Exception owned = refusal(() -> create(fake, eu, constraint("eu-central-1"), "other"));
        assertThat(owned.status()).isEqualTo(409);
        assertThat(owned)
                .hasMessage("Your previous request to create the named bucket succeeded and you already own it.");
        assertThat(refusal(() -> create(fake, US, "", "staging")).code()).isEqualTo("BucketAlreadyExists");
        assertThat(refusal(() -> create(fake, US, "", "acme-photos")).code()).isEqualTo("BucketAlreadyExists");
    }

    @Test
    void listsBucketsByTheirNamesHere() {
        String answer = "<ListAllMyBucketsResult><Owner><ID>x</ID></Owner><Buckets>"
                + "<Bucket><Name>staging</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>"
                + "<Bucket><Name>acme-photos</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>"
                + "<Bucket><Name>other</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>"
                + "</Buckets></ListAllMyBucketsResult>";
        ListBuckets operation = new ListBuckets(store(answering(200, answer)), US);
        FakeExchange all = new FakeExchange("GET", "/");
        operation.handle(all.call(), new ServiceRequest.ListBuckets(null, null, null, null));
        assertThat(all.answer()).contains("photos", "other").doesNotContain("staging", "<Name>acme");
        FakeExchange first = new FakeExchange("GET", "/");
        operation.handle(first.call(), new ServiceRequest.ListBuckets(1, null, null, "us-east-1"));
        XmlElement page = XmlElement.parse(first.answer().getBytes(StandardCharsets.UTF_8), "ListAllMyBucketsResult");
        assertThat(first.answer()).containsOnlyOnce("<Bucket>");
        FakeExchange second = new FakeExchange("GET", "/");
        operation.handle(
                second.call(), new ServiceRequest.ListBuckets(1, page.childText("ContinuationToken"), null, null));
        assertThat(second.answer()).contains("<Name>photos</Name>").doesNotContain("ContinuationToken");
        FakeExchange elsewhere = new FakeExchange("GET", "/");
        operation.handle(elsewhere.call(), new ServiceRequest.ListBuckets(null, null, null, "eu-west-1"));
        assertThat(elsewhere.answer()).doesNotContain("<Bucket>");
        assertThat(refusal(() -> operation.handle(
                        new FakeExchange("GET", "/").call(),
                        new ServiceRequest.ListBuckets(null, null, null, "eu-east-1"))))
                .hasMessage("Argument value eu-east-1 is not a valid AWS Region");
    }

    @Test
    void locationHeadAndDelete() {
        FakeStore fake = answering(200, "");
        FakeExchange location = new FakeExchange("GET", "/photos?location");
        new GetBucketLocation(store(fake), US).handle(location.call(), new BucketRequest.GetBucketLocation("photos"));
        assertThat(location.answer()).contains("LocationConstraint xmlns").endsWith("></LocationConstraint>");
        FakeExchange head = new FakeExchange("HEAD", "/photos");
        new HeadBucket(store(fake), US).handle(head.call(), new BucketRequest.HeadBucket("photos"));
        assertThat(head.answerHeaders().get("x-amz-bucket-region")).isEqualTo("us-east-1");
        settings.putMode("photos", BucketMode.MIXED);
        FakeExchange delete = new FakeExchange("DELETE", "/photos");
        new DeleteBucket(store(answering(204, "")), settings)
                .handle(delete.call(), new BucketRequest.DeleteBucket("photos"));
        assertThat(delete.status()).isEqualTo(204);
        assertThat(settings.mode("photos")).isEqualTo(BucketMode.STRICT);
        FakeStore full = new FakeStore(request -> Answer.error(409, "BucketNotEmpty"));
        assertThat(refusal(() -> new DeleteBucket(store(full), settings)
                        .handle(
                                new FakeExchange("DELETE", "/photos").call(),
                                new BucketRequest.DeleteBucket("photos"))))
                .hasMessage("The bucket you tried to delete is not empty");
    }

    private String getEncryption(BucketEncryption operation) {
        FakeExchange exchange = new FakeExchange("GET", "/photos?encryption");
        operation.get(exchange.call(), new BucketRequest.GetBucketEncryption("photos"));
        return exchange.answer();
    }

    private static void putEncryption(BucketEncryption operation, String rules) {
        String body = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + rules
                + "</ServerSideEncryptionConfiguration>";
        FakeExchange exchange = new FakeExchange("PUT", "/photos?encryption", body.getBytes(StandardCharsets.UTF_8));
        operation.put(exchange.call(), new BucketRequest.PutBucketEncryption("photos", PayloadDigests.NONE));
        assertThat(exchange.status()).isEqualTo(200);
    }

    private static String rule(String algorithm, String more) {
        return "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>" + algorithm + "</SSEAlgorithm>" + more
                + "</ApplyServerSideEncryptionByDefault></Rule>";
    }

    @Test
    void defaultEncryption() {
        BucketEncryption operation = new BucketEncryption(store(answering(200, "")), settings);
        assertThat(getEncryption(operation))
                .contains("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/aws/s3</KMSMasterKeyID>")
                .contains("<BucketKeyEnabled>false</BucketKeyEnabled>");
        putEncryption(
                operation,
                "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
                        + "<KMSMasterKeyID>my-key</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>"
                        + "<BucketKeyEnabled>true</BucketKeyEnabled></Rule>");
        assertThat(settings.of("photos")).isEqualTo(new Rule("my-key", true));
        assertThat(getEncryption(operation))
                .contains("<KMSMasterKeyID>my-key</KMSMasterKeyID>")
                .contains("<BucketKeyEnabled>true</BucketKeyEnabled>");
        assertThat(new BucketSettingsStore(rows, BucketMode.STRICT).of("photos"))
                .isEqualTo(new Rule("my-key", true));
        for (int i = 0; i < 2; i++) {
            FakeExchange delete = new FakeExchange("DELETE", "/photos?encryption");
            operation.delete(delete.call(), new BucketRequest.DeleteBucketEncryption("photos"));
            assertThat(delete.status()).isEqualTo(204);
        }
        assertThat(settings.of("photos")).isEqualTo(Rule.INSTALLATION);
        putEncryption(operation, rule("aws:kms", ""));
        assertThat(getEncryption(operation)).doesNotContain("KMSMasterKeyID");
    }

    @Test
    void defaultEncryptionsThatAreRefused() {
        BucketEncryption operation = new BucketEncryption(store(answering(200, "")), settings);
        assertThat(refusal(() -> putEncryption(operation, "")).code()).isEqualTo("MalformedXML");
        assertThat(refusal(() -> putEncryption(operation, rule("aws:kms", "") + rule("aws:kms", "")))
                        .code())
                .isEqualTo("MalformedXML");
        assertThat(refusal(() -> putEncryption(operation, rule("wrong", ""))).code())
                .isEqualTo("MalformedXML");
        S3Exception key = refusal(() -> putEncryption(operation, rule("AES256", "<KMSMasterKeyID>k</KMSMasterKeyID>")));
        assertThat(key)
                .hasMessage(
                        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
        assertThat(key.details()).containsEntry("ArgumentName", "ApplyServerSideEncryptionByDefault");
        S3Exception aes = refusal(() -> putEncryption(operation, rule("AES256", "")));
        assertThat(aes.status()).isEqualTo(501);
        assertThat(aes.getMessage()).contains("AES256");
        assertThat(refusal(() -> putEncryption(operation, rule("aws:kms:dsse", "")))
                        .getMessage())
                .contains("aws:kms:dsse");
        assertThat(settings.of("photos")).isEqualTo(Rule.INSTALLATION);
        BucketEncryption missing = new BucketEncryption(store(new FakeStore(request -> Answer.of(404, ""))), settings);
        assertThat(refusal(() -> getEncryption(missing)).code()).isEqualTo("NoSuchBucket");
        assertThat(refusal(() -> putEncryption(missing, rule("aws:kms", ""))).code())
                .isEqualTo("NoSuchBucket");
    }

    @Test
    void oneBucketHasOneName() {
        assertThatThrownBy(() -> new BucketNames(Map.of("a", "x", "b", "x"), Set.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BucketNames(Map.of("a", "staging"), Set.of("staging")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(NAMES.toGateway("photos")).isNull();
    }
}
