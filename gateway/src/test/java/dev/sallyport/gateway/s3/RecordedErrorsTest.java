package dev.sallyport.gateway.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Refusals by the parser against answers that were recorded from AWS: code, message, status and further elements. */
class RecordedErrorsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static JsonNode recorded;

    @BeforeAll
    static void load() throws IOException {
        String oracles = System.getenv("SALLYPORT_ORACLES");
        assumeTrue(oracles != null, "SALLYPORT_ORACLES is not set");
        var all = JSON.createObjectNode();
        for (String file : List.of("s3", "s3_api", "s3_list_operations", "s3_preconditions")) {
            Path path = Path.of(oracles, "aws", file + ".recorded.json");
            JSON.readTree(Files.readString(path))
                    .properties()
                    .forEach(test -> all.set(
                            test.getKey().substring(test.getKey().lastIndexOf("::") + 2),
                            test.getValue().get("recorded-content")));
        }
        recorded = all;
    }

    static Stream<Arguments> requests() {
        String zeros = "AAAAAA==";
        return Stream.of(
                Arguments.of("test_s3_uppercase_bucket_name", "uppercase-bucket", "PUT", "/Bucket", Map.of()),
                Arguments.of(
                        "test_put_object_if_match_validation",
                        "put-obj-if-match-star-value",
                        "PUT",
                        "/bucket/k",
                        Map.of("if-match", "*")),
                Arguments.of(
                        "test_put_object_if_none_match_validation",
                        "put-obj-if-none-match-bad-value",
                        "PUT",
                        "/bucket/k",
                        Map.of("if-none-match", "etag")),
                Arguments.of(
                        "test_put_object_if_match_and_if_none_match_validation",
                        "put-obj-both-precondition",
                        "PUT",
                        "/bucket/k",
                        Map.of("if-none-match", "*", "if-match", "etag")),
                Arguments.of(
                        "test_delete_object_if_match_size_non_express",
                        "delete-obj-if-match-size",
                        "DELETE",
                        "/bucket/k",
                        Map.of("x-amz-if-match-size", "10")),
                Arguments.of(
                        "test_delete_object_if_match_modified_non_express",
                        "delete-obj-if-match-last-modified",
                        "DELETE",
                        "/bucket/k",
                        Map.of("x-amz-if-match-last-modified-time", "x")),
                Arguments.of(
                        "test_s3_copy_object_wrong_format",
                        "copy-object-wrong-copy-source",
                        "PUT",
                        "/bucket/k",
                        Map.of("x-amz-copy-source", "bucketkey")),
                Arguments.of(
                        "test_copy_object_precondition_write_validation",
                        "copy-obj-if-match-star",
                        "PUT",
                        "/bucket/k",
                        Map.of("x-amz-copy-source", "bucket/key", "if-match", "*")),
                Arguments.of(
                        "test_get_object_part",
                        "part-with-range",
                        "GET",
                        "/bucket/k?partNumber=1",
                        Map.of("range", "bytes=0-8")),
                Arguments.of(
                        "test_complete_multipart_parts_order",
                        "upload-part-negative-part-number",
                        "PUT",
                        "/bucket/k?partNumber=-1&uploadId=x",
                        Map.of()),
                Arguments.of(
                        "test_s3_checksum_no_algorithm",
                        "put-2-checksums",
                        "PUT",
                        "/bucket/k",
                        Map.of("x-amz-checksum-crc32", zeros, "x-amz-checksum-crc32c", zeros)),
                Arguments.of(
                        "test_s3_checksum_no_algorithm",
                        "put-wrong-checksum",
                        "PUT",
                        "/bucket/k",
                        Map.of("x-amz-checksum-sha256", "TEST")),
                Arguments.of(
                        "test_s3_invalid_content_md5",
                        "md5-error-2",
                        "PUT",
                        "/bucket/k",
                        Map.of("content-md5", "not base64 encoded checksum")),
                Arguments.of(
                        "test_multipart_parts_checksum_exceptions_composite",
                        "create-mpu-no-checksum-algo-with-type",
                        "POST",
                        "/bucket/k?uploads",
                        Map.of("x-amz-checksum-type", "COMPOSITE")),
                Arguments.of(
                        "test_multipart_checksum_type_compatibility[COMPOSITE-CRC64NVME]",
                        "create-mpu-checksum-exc",
                        "POST",
                        "/bucket/k?uploads",
                        Map.of("x-amz-checksum-type", "COMPOSITE", "x-amz-checksum-algorithm", "CRC64NVME")),
                Arguments.of(
                        "test_multipart_checksum_type_compatibility[FULL_OBJECT-SHA1]",
                        "create-mpu-checksum-exc",
                        "POST",
                        "/bucket/k?uploads",
                        Map.of("x-amz-checksum-type", "FULL_OBJECT", "x-amz-checksum-algorithm", "SHA1")),
                Arguments.of(
                        "test_multipart_parts_checksum_exceptions_composite",
                        "create-mpu-wrong-checksum-algo",
                        "POST",
                        "/bucket/k?uploads",
                        Map.of("x-amz-checksum-algorithm", "TEST")),
                Arguments.of(
                        "test_list_ops_encoding_type_validation[list_objects_v2]",
                        "list_objects_v2-error-wrong-value",
                        "GET",
                        "/bucket?list-type=2&encoding-type=value",
                        Map.of()),
                Arguments.of(
                        "test_list_objects_v2_continuation_start_after",
                        "exc-continuation-token",
                        "GET",
                        "/bucket?list-type=2&continuation-token=",
                        Map.of()));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("requests")
    void asRecorded(String test, String answer, String method, String target, Map<String, String> sent) {
        JsonNode expected = recorded.path(test).path(answer);
        assertThat(expected.isObject())
                .as("a recording of " + test + " " + answer)
                .isTrue();
        HttpHeaders headers = new DefaultHttpHeaders().set("host", "localhost");
        sent.forEach(headers::set);
        S3Exception refused = catchThrowableOfType(
                S3Exception.class, () -> new S3RequestParser(List.of(), "111122223333").parse(method, target, headers));
        JsonNode error = expected.get("Error");
        assertThat(refused.code()).isEqualTo(error.get("Code").asText());
        assertThat(refused.getMessage()).isEqualTo(error.get("Message").asText());
        assertThat(refused.status())
                .isEqualTo(
                        expected.path("ResponseMetadata").path("HTTPStatusCode").asInt());
        error.properties().forEach(element -> {
            String name = element.getKey();
            String value = element.getValue().asText();
            boolean compared = !name.equals("Code") && !name.equals("Message") && !value.startsWith("<");
            if (compared && !element.getValue().isNull()) {
                assertThat(refused.details()).containsEntry(name, value);
            }
        });
    }
}
