package dev.sallyport.gateway.kmsapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.kmsapi.KmsFixture.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers recorded against the real KMS: the same is asked here, and the whole answers are compared. */
class RecordedAnswersTest {
    private static final String PREFIX = "tests/aws/services/kms/test_kms.py::";

    /** Recordings of what this service does not have: the names say which. */
    private static final Pattern OTHER_OPERATIONS =
            Pattern.compile(".*(test_sign_verify|test_hmac_create_key$|mac|salt_length"
                    + "|import|derive_shared|key_pair|external|RSA_|replicate|multi_region_key$|test_error_messaging"
                    + "|non_symmetric_key|no_pending_key_material|import_key).*");

    /** Recordings that a later one, or the model, has overtaken. */
    private static final Map<String, String> SUPERSEDED = Map.of(
            "TestKMSGenerateKeys::test_generate_data_key", "of 2023: KeyMaterialId came in 2025",
            "TestKMSGenerateKeys::test_generate_data_key_without_plaintext", "of 2023: KeyMaterialId came in 2025",
            "TestKMS::test_re_encrypt[SYMMETRIC_DEFAULT-SYMMETRIC_DEFAULT]",
                    "of June 2025: the material ids came later");

    @TempDir
    Path directory = Path.of("");

    private final Set<String> replayed = new HashSet<>();
    private JsonNode recordings;
    private KmsFixture kms;

    @BeforeEach
    void open() {
        recordings = Oracle.recordings();
        kms = KmsFixture.create(directory);
    }

    @AfterEach
    @SuppressWarnings("NullAway") // null when the oracle is absent and the test is skipped
    void close() {
        if (kms != null) {
            kms.close();
        }
    }

    @Test
    void answersAreAsRecorded() {
        random();
        keys();
        names();
        aliases();
        ciphertexts();
        dataKeys();
        tags();
        rotation();
        Set<String> left = new HashSet<>();
        recordings.fieldNames().forEachRemaining(name -> left.add(name.substring(PREFIX.length())));
        left.removeAll(replayed);
        left.removeIf(name -> OTHER_OPERATIONS.matcher(name).matches());
        assertThat(left)
                .as("recordings that are neither replayed nor of other operations")
                .isEmpty();
        assertThat(replayed).containsAll(SUPERSEDED.keySet());
        assertThat(replayed).hasSizeGreaterThan(40);
    }

    private void random() {
        String name = "TestKMS::test_generate_random_invalid_number_of_bytes[";
        recorded(name + "None]").matches("generate-random-exc", kms.call("GenerateRandom", "{}"));
        for (int size : new int[] {0, 1025}) {
            recorded(name + size + "]")
                    .matches("generate-random-exc", kms.call("GenerateRandom", "{\"NumberOfBytes\":" + size + "}"));
        }
        for (int size : new int[] {12, 44, 91, 1, 1024}) {
            Result result = kms.call("GenerateRandom", "{\"NumberOfBytes\":" + size + "}");
            ObjectNode length = KmsFixture.JSON.createObjectNode();
            length.put("result_length", Base64.getDecoder().decode(result.text("Plaintext")).length);
            recorded("TestKMS::test_generate_random[" + size + "]")
                    .matchesPart("result_length", length.get("result_length"));
        }
    }

    private void keys() {
        JsonNode key = kms.createKey("{\"Description\":\"test key 123\"}");
        recorded("TestKMS::test_create_key").matchesPart("describe-key", describe(key));
        JsonNode single = kms.createKey("{\"Description\":\"test non multi region key\",\"MultiRegion\":false}");
        recorded("TestKMS::test_non_multi_region_keys_should_not_have_multi_region_properties")
                .matchesPart("non_multi_region_keys_should_not_have_multi_region_properties", single);
        Recorded byAlias = recorded("TestKMS::test_describe_with_alias_arn");
        JsonNode created = kms.createKey("{\"Description\":\"test - description\"}");
        byAlias.matchesPart("created-key", created);
        kms.call("CreateAlias", "{\"AliasName\":\"alias/described\",\"TargetKeyId\":" + created.get("KeyId") + "}");
        String aliasArn = "arn:aws:kms:" + KmsFixture.REGION + ":" + KmsFixture.ACCOUNT + ":alias/described";
        byAlias.matches("describe-key", kms.call("DescribeKey", "{\"KeyId\":\"" + aliasArn + "\"}"));
        String hmac = "TestKMS::test_hmac_create_key_invalid_operations";
        recorded(hmac)
                .matches("create-hmac-key-without-key-usage", kms.call("CreateKey", "{\"KeySpec\":\"HMAC_256\"}"));
    }

    private void names() {
        String secondary = "us-west-2";
        JsonNode there = new Result(kms.raw("admin", secondary, "CreateKey", "{\"Description\":\"test key 123\"}"))
                .body.get("KeyMetadata");
        Recorded regions = recorded("TestKMS::test_get_key_in_different_region").bind("secondary-region", secondary);
        String id = "{\"KeyId\":" + there.get("KeyId") + "}";
        String arn = "{\"KeyId\":" + there.get("Arn") + "}";
        regions.matches("describe-key-diff-region-with-id", kms.call("DescribeKey", id));
        regions.matches("describe-key-diff-region-with-arn", kms.call("DescribeKey", arn));
        regions.matches("describe-key-same-specific-region-with-id", kms.callIn(secondary, "DescribeKey", id));
        regions.matches("describe-key-same-specific-region-with-arn", kms.callIn(secondary, "DescribeKey", arn));

        String none = UUID.randomUUID().toString();
        String scope = "arn:aws:kms:" + KmsFixture.REGION + ":" + KmsFixture.ACCOUNT + ":key/";
        String mrk = "mrk-1234abcd12ab34cd56ef123456123456";
        Recorded absent = recorded("TestKMS::test_get_key_does_not_exist")
                .bind("key-arn", scope + none)
                .bind("mrk-key-arn", scope + mrk);
        absent.matches("describe-nonexistent-key-with-id", describe(none));
        absent.matches("describe-nonexistent-with-arn", describe(scope + none));
        absent.matches("describe-key-with-valid-id-mrk", describe(mrk));

        Recorded invalid = recorded("TestKMS::test_get_key_invalid_uuid");
        invalid.matches("describe-key-with-invalid-uuid", describe("fake-key-id"));
        invalid.matches("describe-key-with-invalid-uuid-2", describe("134f2428cec14b25a1ae9048164dba47"));
        invalid.matches("describe-key-with-invalid-uuid-mrk", describe("mrk-fake-key-id"));
    }

    private void aliases() {
        JsonNode key = kms.createKey("{}");
        recorded("TestKMS::test_create_alias")
                .matches(
                        "create_alias",
                        kms.call(
                                "CreateAlias",
                                "{\"AliasName\":\"unprefixed\",\"TargetKeyId\":" + key.get("KeyId") + "}"));
    }

    private void ciphertexts() {
        JsonNode key = kms.createKey("{}");
        String keyId = "\"KeyId\":" + key.get("KeyId");
        recorded("TestKMS::test_plaintext_size_for_encrypt")
                .matches(
                        "invalid-plaintext-size-encrypt",
                        kms.call("Encrypt", "{" + keyId + ",\"Plaintext\":\"" + base64(new byte[4097]) + "\"}"));

        Recorded contexts = recorded("TestKMS::test_encrypt_decrypt_encryption_context");
        String context = ",\"EncryptionContext\":{\"context-key\":\"context-value\"}}";
        Result encrypted = kms.call("Encrypt", "{" + keyId + ",\"Plaintext\":\"AAAA\"" + context);
        contexts.matches("encrypt_response", encrypted);
        String blob = "{" + keyId + ",\"CiphertextBlob\":" + encrypted.body.get("CiphertextBlob");
        contexts.matches("decrypt_response_with_encryption_context", kms.call("Decrypt", blob + context));
        contexts.matches("decrypt_response_without_encryption_context", kms.call("Decrypt", blob + "}"));
        contexts.matches(
                "decrypt_response_with_invalid_ciphertext",
                kms.call(
                        "Decrypt",
                        "{" + keyId + ",\"CiphertextBlob\":\""
                                + base64("aaaaa".getBytes(java.nio.charset.StandardCharsets.UTF_8)) + "\"" + context));

        JsonNode other = kms.createKey("{}");
        Recorded again = recorded("TestKMS::test_re_encrypt[SYMMETRIC_DEFAULT-SYMMETRIC_DEFAULT]");
        Result reEncrypted = kms.call(
                "ReEncrypt",
                "{\"CiphertextBlob\":" + encrypted.body.get("CiphertextBlob")
                        + ",\"SourceEncryptionContext\":{\"context-key\":\"context-value\"},\"DestinationKeyId\":"
                        + other.get("KeyId") + "}");
        without(reEncrypted, "SourceKeyMaterialId", "DestinationKeyMaterialId");
        again.matches("test_re_encrypt", reEncrypted);
        recorded("TestKMS::test_re_encrypt_incorrect_source_key")
                .matches(
                        "incorrect-source-key",
                        kms.call(
                                "ReEncrypt",
                                "{\"CiphertextBlob\":" + encrypted.body.get("CiphertextBlob") + ",\"SourceKeyId\":"
                                        + other.get("KeyId") + ",\"DestinationKeyId\":" + other.get("KeyId") + "}"));
    }

    private void dataKeys() {
        JsonNode key = kms.createKey("{}");
        String request = "{\"KeyId\":" + key.get("KeyId") + ",\"KeySpec\":\"AES_256\"";
        Result made = kms.call("GenerateDataKey", request + "}");
        without(made, "KeyMaterialId");
        recorded("TestKMSGenerateKeys::test_generate_data_key").matches("generate-data-key-result", made);
        Result wrapped = kms.call("GenerateDataKeyWithoutPlaintext", request + "}");
        without(wrapped, "KeyMaterialId");
        recorded("TestKMSGenerateKeys::test_generate_data_key_without_plaintext")
                .matches("generate-data-key-without-plaintext", wrapped);
        for (String operation : List.of("GenerateDataKey", "GenerateDataKeyWithoutPlaintext")) {
            Result bound = kms.call(operation, request + ",\"EncryptionContext\":{\"a\":\"b\"}}");
            String name = operation.equals("GenerateDataKey") ? "" : "_without_plaintext";
            recorded("TestKMSGenerateKeys::test_encryption_context_generate_data_key" + name)
                    .matches(
                            "decrypt-without-encryption-context",
                            kms.call("Decrypt", "{\"CiphertextBlob\":" + bound.body.get("CiphertextBlob") + "}"));
        }
        // the text of a dry run is recorded for key pairs only
        recorded("TestKMSGenerateKeys::test_generate_data_key_pair_dry_run")
                .matches("dryrun_exception", kms.call("GenerateDataKey", request + ",\"DryRun\":true}"));
    }

    private void tags() {
        for (String name : List.of("test_tag_existing_key_and_untag", "test_create_key_with_tag_and_untag")) {
            boolean atOnce = name.startsWith("test_create");
            JsonNode key = kms.createKey(atOnce ? "{\"Tags\":" + tags(1, 2, "value") + "}" : "{}");
            if (!atOnce) {
                tag(key, tags(1, 2, "value"));
            }
            Recorded recorded = recorded("TestKMS::" + name);
            recorded.matchesPart("list-resource-tags", listTags(key));
            untag(key, "tag1", "tag2");
            recorded.matchesPart("list-resource-tags-after-all-untagged", listTags(key));
        }
        JsonNode partly = kms.createKey("{\"Tags\":" + tags(1, 3, "value") + "}");
        Recorded part = recorded("TestKMS::test_untag_key_partially");
        part.matchesPart("list-resource-tags", listTags(partly));
        untag(partly, "tag2");
        part.matchesPart("list-resource-tags-after-partially-untagged", listTags(partly));
        JsonNode updated = kms.createKey("{\"Tags\":" + tags(1, 3, "value") + "}");
        Recorded update = recorded("TestKMS::test_update_and_add_tags_on_tagged_key");
        update.matchesPart("list-resource-tags", listTags(updated));
        tag(updated, tags(2, 2, "updated_value"));
        tag(updated, tags(4, 5, "value"));
        update.matchesPart("list-resource-tags-after-tags-updated", listTags(updated));
        String twice = "[{\"TagKey\":\"a\",\"TagValue\":\"1\"},{\"TagKey\":\"a\",\"TagValue\":\"2\"}]";
        recorded("TestKMS::test_tag_key_with_duplicate_tag_keys_raises_error")
                .matches("duplicate-tag-keys", tag(updated, twice));
        recorded("TestKMS::test_create_key_with_too_many_tags_raises_error")
                .matches("invalid-tag-key", kms.call("CreateKey", "{\"Tags\":" + tags(1, 51, "v") + "}"));
        recorded("TestKMS::test_tag_existing_key_with_invalid_tag_key")
                .matches("invalid-tag-key", tag(updated, oneTag("aws:key1", "v")));
        recorded("TestKMS::test_key_with_long_tag_value_raises_error")
                .matches("too-long-tag-value", tag(updated, oneTag("tag1", "v".repeat(257))));
        Map<String, String> keys =
                Map.of("lowercase_prefix", "aws:key1", "uppercase_prefix", "AWS:key1", "too_long_key", "a".repeat(129));
        keys.forEach((name, key) -> recorded("TestKMS::test_create_key_with_invalid_tag_key[" + name + "]")
                .matches("invalid-tag-key", kms.call("CreateKey", "{\"Tags\":" + oneTag(key, "v") + "}")));
    }

    private void rotation() {
        for (int days : new int[] {90, 180}) {
            String key = "{\"KeyId\":" + kms.createKey("{}").get("KeyId");
            kms.call("EnableKeyRotation", key + ",\"RotationPeriodInDays\":" + days + "}");
            recorded("TestKMS::test_key_enable_rotation_status[" + days + "]")
                    .matches("match_response", kms.call("GetKeyRotationStatus", key + "}"));
        }
        for (String state : List.of("disabled", "enabled")) {
            String key = "{\"KeyId\":" + kms.createKey("{}").get("KeyId") + "}";
            if (state.equals("enabled")) {
                kms.call("EnableKeyRotation", key);
            }
            Recorded recorded =
                    recorded("TestKMS::test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_" + state);
            recorded.matches("rotate-on-demand-response", kms.call("RotateKeyOnDemand", key));
            recorded.matches("rotation-status-response-after-rotation", kms.call("GetKeyRotationStatus", key));
        }
        JsonNode disabled = kms.createKey("{}");
        kms.call("DisableKey", "{\"KeyId\":" + disabled.get("KeyId") + "}");
        recorded("TestKMS::test_rotate_key_on_demand_raises_error_given_key_is_disabled")
                .bind("key-arn", disabled.path("Arn").asText())
                .matches("error-response", kms.call("RotateKeyOnDemand", "{\"KeyId\":" + disabled.get("KeyId") + "}"));
        String none = UUID.randomUUID().toString();
        recorded("TestKMS::test_rotate_key_on_demand_raises_error_given_key_that_does_not_exist")
                .bind("key-arn", "arn:aws:kms:" + KmsFixture.REGION + ":" + KmsFixture.ACCOUNT + ":key/" + none)
                .matches("error-response", kms.call("RotateKeyOnDemand", "{\"KeyId\":\"" + none + "\"}"));

        JsonNode key = kms.createKey("{\"Description\":\"test-key\"}");
        String keyId = "{\"KeyId\":" + key.get("KeyId") + "}";
        Recorded material =
                recorded("TestKMS::test_key_rotation_updates_current_key_material_id_for_aws_symmetric_keys");
        material.matches("describe-key-before-rotation", kms.call("DescribeKey", keyId));
        Result rotated = kms.call("RotateKeyOnDemand", keyId);
        String arn = key.path("Arn").asText();
        for (String name : List.of("TestKMS::test_rotate_key_on_demand_modifies_key_material")) {
            recorded(name).bind("key-id:1", arn).matches("rotate-on-demand-response", rotated);
        }
        recorded("TestKMS::test_rotate_on_demand_returns_arn_for_key_id")
                .bind("key-id:1", arn)
                .matches("rotate-on-demand-aws-key", rotated);
        JsonNode after = describe(key);
        material.matches("describe-key-after-rotation", kms.call("DescribeKey", keyId));
        assertThat(after.get("CurrentKeyMaterialId")).isNotEqualTo(key.get("CurrentKeyMaterialId"));

        Result encrypted = kms.call("Encrypt", "{\"KeyId\":" + key.get("KeyId") + ",\"Plaintext\":\"AAAA\"}");
        byte[] bad = Base64.getDecoder().decode(encrypted.text("CiphertextBlob"));
        bad[bad.length - 1] ^= 1;
        recorded("TestKMS::test_key_rotations_encryption_decryption")
                .matches(
                        "bad-ciphertext",
                        kms.call(
                                "Decrypt",
                                "{\"KeyId\":" + key.get("KeyId") + ",\"CiphertextBlob\":\"" + base64(bad) + "\"}"));
        for (int i = 0; i < 24; i++) {
            kms.call("RotateKeyOnDemand", keyId);
        }
        recorded("TestKMS::test_key_rotations_limits")
                .bind("key-arn", arn)
                .matches("error-response", kms.call("RotateKeyOnDemand", keyId));
    }

    private Recorded recorded(String name) {
        JsonNode recording = recordings.get(PREFIX + name);
        assertThat(recording).as(name).isNotNull();
        replayed.add(name);
        return new Recorded(recording.get("recorded-content"))
                .bind("partition", "aws")
                .bind("region", KmsFixture.REGION);
    }

    private Result describe(String keyId) {
        return kms.call("DescribeKey", "{\"KeyId\":\"" + keyId + "\"}");
    }

    private JsonNode describe(JsonNode key) {
        return describe(key.path("KeyId").asText()).body.get("KeyMetadata");
    }

    private Result tag(JsonNode key, String tags) {
        return kms.call("TagResource", "{\"KeyId\":" + key.get("KeyId") + ",\"Tags\":" + tags + "}");
    }

    private void untag(JsonNode key, String... tags) {
        ArrayNode names = KmsFixture.JSON.createArrayNode();
        for (String tag : tags) {
            names.add(tag);
        }
        kms.call("UntagResource", "{\"KeyId\":" + key.get("KeyId") + ",\"TagKeys\":" + names + "}");
    }

    private JsonNode listTags(JsonNode key) {
        return kms.call("ListResourceTags", "{\"KeyId\":" + key.get("KeyId") + "}")
                .body
                .get("Tags");
    }

    private static String oneTag(String key, String value) {
        return "[{\"TagKey\":\"" + key + "\",\"TagValue\":\"" + value + "\"}]";
    }

    private static String tags(int first, int last, String value) {
        List<String> tags = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            tags.add("{\"TagKey\":\"tag" + i + "\",\"TagValue\":\"" + value + i + "\"}");
        }
        return tags.toString();
    }

    /** Takes out, and asks for, what was recorded before AWS answered it. */
    private static void without(Result result, String... names) {
        for (String name : names) {
            assertThat(((ObjectNode) result.body).remove(name)).as(name).isNotNull();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
