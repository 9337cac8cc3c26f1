package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.format.ClearHeaders;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.MetadataMac;
import dev.sallyport.gateway.format.ObjectKeys;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.Plan;
import dev.sallyport.gateway.format.SseAlgorithm;
import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.format.WrappedKey;
import dev.sallyport.gateway.s3.ObjectHeaders;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.crypto.RandomBytes;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StoreHeadersTest {
    private static final MetadataCodec CODEC = new MetadataCodec(new MetadataMac() {
        @Override
        public int currentKey() {
            return 1;
        }

        @Override
        public byte @Nullable [] mac(int key, byte[] message) {
            return new byte[MetadataMac.LENGTH];
        }
    });

    private static final ObjectMetadata METADATA = ObjectMetadata.multipart(
            new ObjectKeys(Plan.AES_256_GCM, Id128.random()),
            new byte[32],
            new SseFacts(SseAlgorithm.KMS, FakeKms.KEY_ARN, EncryptionContext.EMPTY, false),
            WrappedKey.byKms(RandomBytes.of(184)),
            "soon");

    private static HttpHeaders headers(Map<String, String> content, Map<String, String> user) {
        return StoreHeaders.forStore(new ObjectHeaders(content, user, null));
    }

    /** The example of AWS's documentation of object metadata. */
    @Test
    void encodesWhatIsNotAsciiAsAwsDoes() {
        String sent = new String(
                "ÄMÄZÕÑ S3".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(headers(Map.of(), Map.of("nonascii", sent)).get("x-amz-meta-nonascii"))
                .isEqualTo("=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=");
        assertThat(headers(Map.of(), Map.of("ascii", "AMAZONS3")).get("x-amz-meta-ascii"))
                .isEqualTo("AMAZONS3");
    }

    @Test
    void alwaysSendsAContentTypeAndNeverExpires() {
        HttpHeaders headers = headers(Map.of("expires", "soon"), Map.of());
        assertThat(headers.names()).containsExactly("content-type");
        assertThat(headers.get("content-type")).isEqualTo("binary/octet-stream");
    }

    @Test
    void keepsTheGatewaysOwnNameToItself() {
        for (String name : new String[] {"sallyport", "Sallyport", "sallyport-2"}) {
            assertThatThrownBy(() -> headers(Map.of(), Map.of(name, "x"))).isInstanceOf(S3Exception.class);
        }
        HttpHeaders stored = headers(Map.of(), Map.of("a", "b"));
        StoreHeaders.seal(stored, CODEC, METADATA, "b", "k");
        stored.set("etag", "\"0123\"");
        HttpHeaders client = StoreHeaders.forClient(stored, METADATA);
        assertThat(client.contains(ObjectMetadata.HEADER)).isFalse();
        assertThat(client.get("x-amz-meta-a")).isEqualTo("b");
        assertThat(client.get("etag")).isEqualTo("\"0123-1\"");
        assertThat(client.get("expires")).isEqualTo("soon");
    }

    @Test
    void refusesMetadataThatStoresWouldNotTake() {
        StoreHeaders.seal(headers(Map.of(), Map.of("a", "b".repeat(1_023))), CODEC, METADATA, "b", "k");
        HttpHeaders much = headers(Map.of(), Map.of("a", "b".repeat(1_600)));
        assertThatThrownBy(() -> StoreHeaders.seal(much, CODEC, METADATA, "b", "k"))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.code()).isEqualTo("MetadataTooLarge"));
    }

    @Test
    void coversWhatStoresRewriteInOneForm() {
        Map<String, String> sent = ClearHeaders.of(
                Map.of("Content-Type", "text/plain; charset=UTF-8", "x-amz-meta-a", " b ", "x-amz-meta-e", "")
                        .entrySet());
        Map<String, String> got =
                ClearHeaders.of(Map.of("content-type", "text/plain;charset=utf-8", "X-Amz-Meta-A", "b", "etag", "x")
                        .entrySet());
        assertThat(sent).isEqualTo(got).hasSize(2);
    }
}
