package dev.sallyport.gateway.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.SseHeaders;
import dev.sallyport.gateway.sse.DefaultEncryption.Rule;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionPlannerTest {
    private final EncryptionPlanner planner =
            new EncryptionPlanner(bucket -> bucket.equals("set") ? new Rule("alias/set", true) : Rule.INSTALLATION);

    private static SseHeaders kms(@Nullable String keyId, @Nullable String context, @Nullable String bucketKey) {
        return new SseHeaders("aws:kms", keyId, context, bucketKey, false);
    }

    private static String header(String json) {
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private S3Exception refusal(SseHeaders headers) {
        S3Exception refused = catchThrowableOfType(S3Exception.class, () -> planner.plan(headers, "b", "k"));
        assertThat(refused).isNotNull();
        return refused;
    }

    @Test
    void theRequestThenTheBucketThenTheManagedKey() {
        assertThat(planner.plan(SseHeaders.NONE, "unset", "k"))
                .isEqualTo(new EncryptionPlan("alias/aws/s3", EncryptionContext.EMPTY, false));
        assertThat(planner.plan(SseHeaders.NONE, "set", "k"))
                .isEqualTo(new EncryptionPlan("alias/set", EncryptionContext.EMPTY, true));
        assertThat(planner.plan(kms("mine", null, "false"), "set", "k"))
                .isEqualTo(new EncryptionPlan("mine", EncryptionContext.EMPTY, false));
        assertThat(planner.plan(kms(null, null, null), "set", "k").keyId()).isEqualTo("alias/aws/s3");
        assertThat(planner.plan(new SseHeaders(null, null, null, "true", false), "unset", "k")
                        .bucketKey())
                .isTrue();
    }

    @Test
    void contexts() {
        EncryptionPlan plan = planner.plan(kms("mine", header("{\"team\":\"a\"}"), null), "b", "k/1");
        assertThat(plan.context().pairs()).containsExactly(Map.entry("team", "a"));
        assertThat(plan.kmsContext("b", "k/1").pairs())
                .containsEntry("aws:s3:arn", "arn:aws:s3:::b/k/1")
                .containsEntry("team", "a");
        EncryptionPlan withKey =
                planner.plan(kms("mine", header("{\"aws:s3:arn\":\"arn:aws:s3:::b\"}"), "true"), "b", "k");
        assertThat(withKey.context().isEmpty()).isTrue();
        assertThat(withKey.kmsContext("b", "k").pairs()).containsEntry("aws:s3:arn", "arn:aws:s3:::b");
        assertThat(refusal(kms("mine", header("{\"aws:s3:arn\":\"arn:aws:s3:::b/other\"}"), null))
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(refusal(kms("mine", header("{\"a\":\"" + "x".repeat(200) + "\"}"), null))
                        .getMessage())
                .contains("192");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "%%%",
                "e30",
                "[]",
                "{\"a\":1}",
                "{\"a\":{}}",
                "{\"a\":\"b\"} x",
                "{\"a\":\"b\",\"a\":\"c\"}",
                "{"
            })
    void contextsThatAreNone(String json) {
        String sent = json.startsWith("%") || json.equals("e30") ? json : header(json);
        if (json.equals("e30")) {
            // Unpadded base64 is read as well, as on AWS.
            assertThat(planner.plan(kms(null, sent, null), "b", "k").context().isEmpty())
                    .isTrue();
            return;
        }
        assertThat(refusal(kms(null, sent, null)).getMessage())
                .isEqualTo(
                        "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map");
    }

    @Test
    void refusedByName() {
        S3Exception aes = refusal(new SseHeaders("AES256", null, null, null, false));
        assertThat(aes.status()).isEqualTo(501);
        assertThat(aes.getMessage()).contains("AES256");
        assertThat(refusal(new SseHeaders("aws:kms:dsse", null, null, null, false))
                        .getMessage())
                .contains("aws:kms:dsse");
        S3Exception customer = refusal(new SseHeaders(null, null, null, null, true));
        assertThat(customer.status()).isEqualTo(501);
        S3Exception both = refusal(new SseHeaders("AES256", null, null, null, true));
        assertThat(both)
                .hasMessage(
                        "Server Side Encryption with Customer provided key is incompatible with the encryption method specified");
        assertThat(both.details())
                .containsEntry("ArgumentName", "x-amz-server-side-encryption")
                .containsEntry("ArgumentValue", "AES256");
        assertThat(refusal(new SseHeaders("rot13", null, null, null, false)))
                .hasMessage("The encryption method specified is not supported");
        assertThat(refusal(new SseHeaders(null, "key", null, null, false)).code())
                .isEqualTo("InvalidArgument");
        assertThat(refusal(new SseHeaders("AES256", "key", null, null, false)).code())
                .isEqualTo("InvalidArgument");
        assertThat(refusal(new SseHeaders(null, null, "e30=", null, false)).code())
                .isEqualTo("InvalidArgument");
        assertThat(refusal(kms(null, null, "maybe")).code()).isEqualTo("InvalidArgument");
    }

    @Test
    void kmsErrorsThroughS3() {
        S3Exception missing =
                KmsErrors.toS3(new KmsException(KmsException.Code.NOT_FOUND, "Invalid keyId 'fake-key-id'"));
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.code()).isEqualTo("KMS.NotFoundException");
        assertThat(missing).hasMessage("Invalid keyId 'fake-key-id'");
        assertThat(KmsErrors.toS3(new KmsException(KmsException.Code.DISABLED, "x is disabled."))
                        .code())
                .isEqualTo("KMS.DisabledException");
        assertThat(KmsErrors.toS3(new KmsException(KmsException.Code.INVALID_STATE, "x is pending deletion."))
                        .code())
                .isEqualTo("KMS.KMSInvalidStateException");
        assertThat(KmsErrors.toS3(new KmsException(KmsException.Code.ACCESS_DENIED, "User: …"))
                        .status())
                .isEqualTo(403);
    }
}
