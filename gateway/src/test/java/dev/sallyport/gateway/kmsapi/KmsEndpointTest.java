package dev.sallyport.gateway.kmsapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.kmsapi.KmsFixture.Result;
import dev.sallyport.kms.audit.AuditEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KmsEndpointTest {
    @TempDir
    Path directory = Path.of("");

    private KmsFixture kms;

    @BeforeEach
    void open() {
        kms = KmsFixture.create(directory);
    }

    @AfterEach
    void close() {
        kms.close();
    }

    @Test
    void encryptsAndDecryptsAlsoAfterARestart() {
        String keyId = kms.createKey("{}").path("KeyId").asText();
        String plaintext = Base64.getEncoder().encodeToString("secret".getBytes(StandardCharsets.UTF_8));
        Result encrypted = kms.call(
                "Encrypt",
                "{\"KeyId\":\"" + keyId + "\",\"Plaintext\":\"" + plaintext
                        + "\",\"EncryptionContext\":{\"ab\":\"c\"}}");
        assertThat(encrypted.status).as("%s", encrypted.body).isEqualTo(200);
        String blob = encrypted.text("CiphertextBlob");
        kms.call("RotateKeyOnDemand", "{\"KeyId\":\"" + keyId + "\"}");
        kms.close();
        kms = KmsFixture.open(directory);
        Result decrypted =
                kms.call("Decrypt", "{\"CiphertextBlob\":\"" + blob + "\",\"EncryptionContext\":{\"ab\":\"c\"}}");
        assertThat(decrypted.text("Plaintext")).isEqualTo(plaintext);
        assertThat(decrypted.text("EncryptionAlgorithm")).isEqualTo("SYMMETRIC_DEFAULT");
        Result other =
                kms.call("Decrypt", "{\"CiphertextBlob\":\"" + blob + "\",\"EncryptionContext\":{\"a\":\"bc\"}}");
        assertThat(other.type()).isEqualTo("InvalidCiphertextException");
        assertThat(other.body.has("message")).isFalse();
    }

    @Test
    void answersInAwsForm() {
        Reply reply = kms.raw("admin", KmsFixture.REGION, "GenerateRandom", "{\"NumberOfBytes\":16}");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers()).containsEntry("content-type", "application/x-amz-json-1.1");
        assertThat(reply.headers()).containsKey("x-amzn-requestid");
        Reply empty = kms.raw(
                "admin",
                KmsFixture.REGION,
                "EnableKey",
                "{\"KeyId\":\"" + kms.createKey("{}").path("KeyId").asText() + "\"}");
        assertThat(empty.status()).isEqualTo(200);
        assertThat(empty.body()).isEmpty();
    }

    @Test
    void unknownTargetsAndLaterOperationsAreUnknown() {
        for (String target : new String[] {
            "TrentService.Nothing", "TrentService.Sign", "TrentService.", "Other.CreateKey", "", "TrentService.\n"
        }) {
            kms.events.clear();
            Result result =
                    new Result(kms.endpoint.handle(KmsFixture.as("admin", KmsFixture.REGION), target, new byte[0]));
            assertThat(result.status).isEqualTo(400);
            assertThat(result.type()).isEqualTo("UnknownOperationException");
            assertThat(kms.events).extracting(AuditEvent::errorCode).containsExactly("UnknownOperationException");
        }
    }

    @Test
    void malformedJsonIsASerializationError() {
        String deep = "[".repeat(5000);
        String[] bodies = {
            "{",
            "[]",
            "null",
            "1",
            "\"x\"",
            "{} {}",
            "{\"KeyId\":\"a\",\"KeyId\":\"b\"}",
            "{\"KeyId\":" + deep,
            "{\"Limit\":" + "9".repeat(100) + "}",
            "{\"Limit\":1e400}",
            "{\"Limit\":99999999999}",
            "{\"Limit\":1.5}",
            "{\"Limit\":\"1\"}",
            "{\"Limit\":true}",
            "{\"Limit\":{}}",
            "{\"Marker\":1}",
            "{\"Marker\":\"\\ud800\"}",
            "{\"ResourceOwners\":\"SELF\"}",
            "{\"Marker\":\"\u0000\"}",
            "x",
            "\uFEFF{}",
        };
        for (String body : bodies) {
            kms.events.clear();
            Result result = kms.call("ListKeys", body);
            assertThat(result.type()).as(body).isEqualTo("SerializationException");
            assertThat(result.status).isEqualTo(400);
            assertThat(kms.events).hasSize(1);
        }
        byte[] notUtf8 = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
        assertThat(new Result(kms.endpoint.handle(
                                KmsFixture.as("admin", KmsFixture.REGION), "TrentService.ListKeys", notUtf8))
                        .type())
                .isEqualTo("SerializationException");
        byte[] tooLong = new byte[KmsEndpoint.MAX_BODY + 1];
        assertThat(new Result(kms.endpoint.handle(
                                KmsFixture.as("admin", KmsFixture.REGION), "TrentService.ListKeys", tooLong))
                        .type())
                .isEqualTo("SerializationException");
    }

    @Test
    void aHalfSurrogateInAContextIsRefused() {
        String keyId = kms.createKey("{}").path("KeyId").asText();
        Result result = kms.call(
                "Encrypt",
                "{\"KeyId\":\"" + keyId + "\",\"Plaintext\":\"AA==\",\"EncryptionContext\":{\"a\\udc00\":\"b\"}}");
        assertThat(result.type()).isEqualTo("SerializationException");
    }

    @Test
    void everyViolationIsInOneMessage() {
        Result result = kms.call("ScheduleKeyDeletion", "{\"KeyId\":\"\",\"PendingWindowInDays\":0}");
        assertThat(result.type()).isEqualTo("ValidationException");
        assertThat(result.message())
                .isEqualTo("2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint:"
                        + " Member must have length greater than or equal to 1; Value '0' at 'pendingWindowInDays' failed"
                        + " to satisfy constraint: Member must have value greater than or equal to 1");
        assertThat(kms.call("DescribeKey", "{}").message())
                .isEqualTo("1 validation error detected: Value null at 'keyId' failed to satisfy constraint:"
                        + " Member must not be null");
        assertThat(kms.call("CreateAlias", "{\"AliasName\":\"alias/a b\",\"TargetKeyId\":\"x\"}")
                        .message())
                .isEqualTo("1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy constraint:"
                        + " Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$");
    }

    @Test
    void whatTheServiceHasNotIsRefusedByName() {
        assertThat(kms.call("CreateKey", "{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"SIGN_VERIFY\"}")
                        .message())
                .isEqualTo("KeySpec RSA_2048 is not supported.");
        assertThat(kms.call("CreateKey", "{\"Origin\":\"EXTERNAL\"}").message())
                .isEqualTo("Origin EXTERNAL is not supported.");
        assertThat(kms.call("CreateKey", "{\"MultiRegion\":true}").type()).isEqualTo("UnsupportedOperationException");
        String keyId = kms.createKey("{}").path("KeyId").asText();
        assertThat(kms.call("GenerateDataKey", "{\"KeyId\":\"" + keyId + "\",\"KeySpec\":\"AES_256\",\"Recipient\":{}}")
                        .message())
                .isEqualTo("Recipient is not supported.");
    }

    @Test
    void plaintextsAndTokensAreNotInEvents() {
        String keyId = kms.createKey("{}").path("KeyId").asText();
        String plaintext = Base64.getEncoder().encodeToString("hunter2hunter2".getBytes(StandardCharsets.UTF_8));
        String token = "tokentoken";
        kms.call(
                "Encrypt",
                "{\"KeyId\":\"" + keyId + "\",\"Plaintext\":\"" + plaintext + "\",\"GrantTokens\":[\"" + token
                        + "\"]}");
        kms.call(
                "Encrypt",
                "{\"KeyId\":\"" + keyId + "\",\"Plaintext\":\"" + plaintext + "\",\"GrantTokens\":[\"" + token
                        + "\",\"\"]}");
        for (AuditEvent event : kms.events) {
            String told = event.requestParameters() + " " + event.responseElements() + " " + event.errorMessage();
            assertThat(told).doesNotContain(plaintext, token, "hunter2");
        }
    }
}
