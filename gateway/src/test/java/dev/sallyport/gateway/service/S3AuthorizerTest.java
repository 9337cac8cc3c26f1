package dev.sallyport.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.format.SseAlgorithm;
import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3AuthorizerTest {
    private static final S3RequestParser PARSER = new S3RequestParser(List.of(), "111122223333");

    private static final String KEY = "arn:aws:kms:us-east-1:111122223333:key/1";

    private static final UploadEncryption UPLOADS = (bucket, key, id) ->
            id.equals("known") ? new SseFacts(SseAlgorithm.KMS, KEY, EncryptionContext.EMPTY, false) : null;

    private static String arnOf(CallContext call, String given) {
        assertThat(call.viaService()).isNotNull();
        return switch (given) {
            case KEY, "1", "alias/one" -> KEY;
            default -> given;
        };
    }

    private static String allow(String action, String resource, String condition) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":" + action
                + ",\"Resource\":\"" + resource + "\"" + condition + "}]}";
    }

    private static S3Authorizer authorizer(String policy) {
        AccessEvaluator evaluator = new AccessEvaluator(
                caller -> List.of(PolicyDocument.parse(policy, PolicyKind.IDENTITY)), Clock.systemUTC());
        return new S3Authorizer(evaluator, BucketPolicies.NONE, UPLOADS, S3AuthorizerTest::arnOf);
    }

    private static @Nullable S3Exception outcome(String policy, String method, String target, String... headers) {
        FakeExchange exchange = new FakeExchange(method, target);
        for (int i = 0; i < headers.length; i += 2) {
            exchange.with(headers[i], headers[i + 1]);
        }
        try {
            authorizer(policy).authorize(exchange.call(), PARSER.parse(method, target, exchange.headers()));
            return null;
        } catch (S3Exception e) {
            return e;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,/bucket/k?uploadId=known&partNumber=1,",
        "PUT,/bucket/k?uploadId=known&partNumber=1,/bucket/source",
        "POST,/bucket/k?uploadId=known,",
    })
    void requestsOnAnUploadHaveItsEncryption(String method, String target, @Nullable String source) {
        String[] headers = source == null ? new String[0] : new String[] {"x-amz-copy-source", source};
        String statement = "{\"Effect\":\"Deny\",\"Action\":\"s3:PutObject\",\"Resource\":\"*\",\"Condition\":%s}";
        String unencrypted = statement.formatted("{\"Null\":{\"s3:x-amz-server-side-encryption\":\"true\"}}");
        String otherKey = statement.formatted(
                "{\"StringNotEquals\":{\"s3:x-amz-server-side-encryption-aws-kms-key-id\":\"" + KEY + "\"}}");
        String kms = statement.formatted("{\"StringEquals\":{\"s3:x-amz-server-side-encryption\":\"aws:kms\"}}");
        for (String deny : new String[] {unencrypted, otherKey}) {
            String policy = allow("\"s3:*\"", "*", "").replace("]}", "," + deny + "]}");
            assertThat(outcome(policy, method, target, headers)).isNull();
            assertThat(outcome(policy, method, target.replace("known", "other"), headers))
                    .as("an upload that is not there")
                    .isNotNull();
        }
        String policy = allow("\"s3:*\"", "*", "").replace("]}", "," + kms + "]}");
        assertThat(outcome(policy, method, target, headers)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "s3:ListAllMyBuckets,*,GET,/",
        "s3:ListAllMyBuckets,arn:aws:s3:::*,GET,/",
        "s3:DeleteBucket,arn:aws:s3:::bucket,DELETE,/bucket",
        "s3:ListBucket,arn:aws:s3:::bucket,HEAD,/bucket",
        "s3:ListBucket,arn:aws:s3:::bucket,GET,/bucket",
        "s3:ListBucket,arn:aws:s3:::bucket,GET,/bucket?list-type=2",
        "s3:GetBucketLocation,arn:aws:s3:::bucket,GET,/bucket?location",
        "s3:GetEncryptionConfiguration,arn:aws:s3:::bucket,GET,/bucket?encryption",
        "s3:PutEncryptionConfiguration,arn:aws:s3:::bucket,PUT,/bucket?encryption",
        "s3:PutEncryptionConfiguration,arn:aws:s3:::bucket,DELETE,/bucket?encryption",
        "s3:ListBucketMultipartUploads,arn:aws:s3:::bucket,GET,/bucket?uploads",
        "s3:GetObject,arn:aws:s3:::bucket/a/*,GET,/bucket/a/b",
        "s3:GetObject,arn:aws:s3:::bucket/a/*,HEAD,/bucket/a/b",
        "s3:PutObject,arn:aws:s3:::bucket/a/*,PUT,/bucket/a/b",
        "s3:DeleteObject,arn:aws:s3:::bucket/a/*,DELETE,/bucket/a/b",
        "s3:PutObject,arn:aws:s3:::bucket/*,POST,/bucket/k?uploads",
        "s3:PutObject,arn:aws:s3:::bucket/*,PUT,/bucket/k?uploadId=u&partNumber=1",
        "s3:PutObject,arn:aws:s3:::bucket/*,POST,/bucket/k?uploadId=u",
        "s3:AbortMultipartUpload,arn:aws:s3:::bucket/*,DELETE,/bucket/k?uploadId=u",
        "s3:ListMultipartUploadParts,arn:aws:s3:::bucket/*,GET,/bucket/k?uploadId=u",
    })
    void oneActionAndResourceIsEnoughAndNoOther(String action, String resource, String method, String target) {
        assertThat(outcome(allow("\"" + action + "\"", resource, ""), method, target))
                .isNull();
        S3Exception denied = Objects.requireNonNull(outcome(allow("\"s3:GetBucketAcl\"", "*", ""), method, target));
        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.code()).isEqualTo("AccessDenied");
        assertThat(denied.getMessage())
                .startsWith("User: arn:aws:iam::111122223333:user/alice is not authorized to perform: " + action)
                .endsWith("because no identity-based policy allows the " + action + " action");
        if (!resource.equals("*") && !action.equals("s3:ListAllMyBuckets")) {
            assertThat(outcome(allow("\"" + action + "\"", "arn:aws:s3:::other*", ""), method, target))
                    .isNotNull();
        }
    }

    @Test
    void copiesNeedBothSides() {
        String source = allow("\"s3:GetObject\"", "arn:aws:s3:::from/k", "");
        String target = allow("\"s3:PutObject\"", "arn:aws:s3:::target/k", "");
        String both = allow("[\"s3:GetObject\",\"s3:PutObject\"]", "*", "");
        for (String path : List.of("/target/k", "/target/k?uploadId=u&partNumber=1")) {
            assertThat(outcome(source, "PUT", path, "x-amz-copy-source", "from/k"))
                    .isNotNull();
            assertThat(outcome(target, "PUT", path, "x-amz-copy-source", "from/k"))
                    .isNotNull();
            assertThat(outcome(both, "PUT", path, "x-amz-copy-source", "from/k"))
                    .isNull();
        }
    }

    @Test
    void conditions() {
        String prefix = allow("\"s3:ListBucket\"", "*", ",\"Condition\":{\"StringLike\":{\"s3:prefix\":\"home/*\"}}");
        assertThat(outcome(prefix, "GET", "/bucket?prefix=home/a")).isNull();
        assertThat(outcome(prefix, "GET", "/bucket?prefix=etc")).isNotNull();
        assertThat(outcome(prefix, "GET", "/bucket")).isNotNull();
        String sse = allow(
                "\"s3:PutObject\"",
                "*",
                ",\"Condition\":{\"StringEquals\":{\"s3:x-amz-server-side-encryption\":\"aws:kms\"}}");
        assertThat(outcome(sse, "PUT", "/bucket/k", "x-amz-server-side-encryption", "aws:kms"))
                .isNull();
        assertThat(outcome(sse, "PUT", "/bucket/k")).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"PUT,/bucket/k,", "PUT,/bucket/k,/bucket/source", "POST,/bucket/k?uploads,"})
    void aKeyIsComparedByItsArnInWhateverFormItWasSent(String method, String target, @Nullable String source) {
        String key = "s3:x-amz-server-side-encryption-aws-kms-key-id";
        String allow = "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}";
        String others = denyWriting(allow, "\"StringNotEquals\":{\"" + key + "\":\"" + KEY + "\"}");
        String othersByArn = denyWriting(allow, "\"ArnNotEqualsIfExists\":{\"" + key + "\":\"" + KEY + "\"}");
        String thisOne = denyWriting(allow, "\"ArnEquals\":{\"" + key + "\":\"" + KEY + "\"}");
        for (String given : List.of(KEY, "1", "alias/one")) {
            String[] headers = withKey(source, given);
            assertThat(outcome(others, method, target, headers)).as(given).isNull();
            assertThat(outcome(othersByArn, method, target, headers)).as(given).isNull();
            assertThat(outcome(thisOne, method, target, headers)).as(given).isNotNull();
        }
        for (String given : List.of("2", "alias/two")) {
            String[] headers = withKey(source, given);
            assertThat(outcome(others, method, target, headers)).as(given).isNotNull();
            assertThat(outcome(othersByArn, method, target, headers)).as(given).isNotNull();
            assertThat(outcome(thisOne, method, target, headers)).as(given).isNull();
        }
        // what a bucket's default supplies brings no condition key
        String[] none = withKey(source, "");
        assertThat(outcome(others, method, target, none)).isNotNull();
        // IfExists makes no difference to a negated operator
        assertThat(outcome(othersByArn, method, target, none)).isNotNull();
        assertThat(outcome(thisOne, method, target, none)).isNull();
    }

    private static String denyWriting(String allow, String condition) {
        return deny(allow, condition).replace("\"Deny\",\"Action\":\"s3:*\"", "\"Deny\",\"Action\":\"s3:PutObject\"");
    }

    private static String[] withKey(@Nullable String source, String key) {
        List<String> headers = new ArrayList<>();
        if (source != null) {
            headers.addAll(List.of("x-amz-copy-source", source));
        }
        if (!key.isEmpty()) {
            headers.addAll(List.of(
                    "x-amz-server-side-encryption", "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id", key));
        }
        return headers.toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,/bucket/k,true",
        "POST,/bucket/k?uploadId=known,true",
        "POST,/bucket/k?uploads,false",
        "PUT,/bucket/k?uploadId=known&partNumber=1,false",
    })
    void tellsWhatMakesAnObjectFromWhatMakesParts(String method, String target, boolean creates) {
        String allow = "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}";
        String unconditional = deny(
                allow, "\"Null\":{\"s3:if-none-match\":\"true\"},\"Bool\":{\"s3:ObjectCreationOperation\":\"true\"}");
        assertThat(outcome(unconditional, method, target) != null).isEqualTo(creates);
    }

    @Test
    void aLocationOfANewBucketIsJudged() {
        String allow = "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}";
        String elsewhere = deny(allow, "\"StringNotEquals\":{\"s3:LocationConstraint\":\"eu-central-1\"}");
        assertThat(location(elsewhere, Map.of("s3:LocationConstraint", "eu-central-1")))
                .isNull();
        assertThat(location(elsewhere, Map.of("s3:LocationConstraint", "us-west-1")))
                .isNotNull();
        assertThat(location(elsewhere, Map.of())).isNotNull();
        String owner = deny(allow, "\"StringEquals\":{\"s3:x-amz-object-ownership\":\"BucketOwnerEnforced\"}");
        assertThat(authorizer(owner)
                        .denial(
                                new FakeExchange("PUT", "/bucket")
                                        .with("x-amz-object-ownership", "BucketOwnerEnforced")
                                        .call(),
                                "s3:CreateBucket",
                                "bucket",
                                null))
                .isNotNull();
    }

    private static @Nullable S3Exception location(String policy, Map<String, String> conditions) {
        return authorizer(policy)
                .denial(new FakeExchange("PUT", "/bucket").call(), "s3:CreateBucket", "bucket", null, conditions);
    }

    @Test
    void aDenyOnWhatWasSignedApplies() {
        String allow = "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}";
        String unsigned = deny(allow, "\"StringEquals\":{\"s3:x-amz-content-sha256\":\"UNSIGNED-PAYLOAD\"}");
        assertThat(outcome(unsigned, "PUT", "/bucket/k", "x-amz-content-sha256", "UNSIGNED-PAYLOAD"))
                .isNotNull();
        assertThat(outcome(unsigned, "PUT", "/bucket/k", "x-amz-content-sha256", "0".repeat(64)))
                .isNull();
        String old = deny(allow, "\"NumericGreaterThan\":{\"s3:signatureAge\":\"600000\"}");
        assertThat(outcome(old, "GET", "/bucket/k?X-Amz-Date=20200101T000000Z")).isNotNull();
        assertThat(outcome(old, "GET", "/bucket/k", "x-amz-date", "20200101T000000Z"))
                .isNotNull();
        assertThat(outcome(old, "GET", "/bucket/k", "x-amz-date", "20990101T000000Z"))
                .isNull();
        String acl = deny(allow, "\"StringEquals\":{\"s3:x-amz-acl\":\"private\"}");
        assertThat(outcome(acl, "PUT", "/bucket/k", "x-amz-acl", "private")).isNotNull();
    }

    private static String deny(String allow, String condition) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[" + allow
                + ",{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{" + condition + "}}]}";
    }

    @Test
    void attributesNeedTwo() {
        String one = allow("\"s3:GetObjectAttributes\"", "*", "");
        String both = allow("[\"s3:GetObject\",\"s3:GetObjectAttributes\"]", "*", "");
        assertThat(outcome(one, "GET", "/bucket/k?attributes", "x-amz-object-attributes", "ETag"))
                .isNotNull();
        assertThat(outcome(both, "GET", "/bucket/k?attributes", "x-amz-object-attributes", "ETag"))
                .isNull();
    }
}
