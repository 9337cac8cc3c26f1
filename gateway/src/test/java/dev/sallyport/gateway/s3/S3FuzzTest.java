package dev.sallyport.gateway.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever is sent, the parsers give a request, a document or a refusal: nothing else is thrown. */
class S3FuzzTest {
    private static final S3RequestParser PARSER = new S3RequestParser(List.of("s3.example.test"), "111122223333");

    private static final List<String> TARGETS = List.of(
            "/",
            "/bucket?list-type=2&prefix=a%20b&max-keys=10&encoding-type=url",
            "/bucket/key%F0%9F%98%80?partNumber=1&uploadId=abc",
            "/bucket/../a//b?response-content-type=text%2Fplain&x-id=GetObject",
            "/bucket/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&x-amz-server-side-encryption=aws:kms",
            "/bucket?uploads&key-marker=%00&max-uploads=3",
            "/bucket/k?attributes");
    private static final List<String> HEADERS = List.of(
            "content-type: text/plain\nx-amz-meta-a: b\nx-amz-server-side-encryption: aws:kms",
            "x-amz-copy-source: /bucket/k%20ey?versionId=null\nx-amz-metadata-directive: REPLACE",
            "content-md5: AAAAAAAAAAAAAAAAAAAAAA==\nx-amz-trailer: x-amz-checksum-crc32",
            "x-amz-object-attributes: ETag,Checksum\nx-amz-max-parts: 2",
            "if-none-match: *\nx-amz-checksum-crc32c: AAAAAA==");
    private static final List<String> DOCUMENTS = List.of(
            "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object></Delete>",
            "<?xml version=\"1.0\"?><!-- c --><a xmlns=\"urn:x\"><![CDATA[<>]]><b c='d'/></a>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<ServerSideEncryptionConfiguration><Rule/></ServerSideEncryptionConfiguration>");

    @FuzzTest
    void requests(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        String[] lines = text.split("\n", -1);
        parse("GET", lines[0], lines);
        parse("PUT", lines[0], lines);
        parse("POST", lines[0], lines);
    }

    @FuzzTest
    void documents(byte[] data) {
        XmlElement.parseOrNull(data);
        try {
            assertThat(XmlElement.parse(data, "Delete").name()).isEqualTo("Delete");
        } catch (S3Exception e) {
            assertThat(e.code()).isEqualTo("MalformedXML");
        }
    }

    @Test
    void mutatedRequests() {
        Random random = new Random(20260101);
        for (int i = 0; i < 3_000; i++) {
            String target = TARGETS.get(random.nextInt(TARGETS.size()));
            String headers = HEADERS.get(random.nextInt(HEADERS.size()));
            requests(mutate(random, target + "\n" + headers));
        }
    }

    @Test
    void mutatedDocuments() {
        Random random = new Random(20260102);
        for (int i = 0; i < 1_000; i++) {
            documents(mutate(random, DOCUMENTS.get(random.nextInt(DOCUMENTS.size()))));
        }
    }

    private static void parse(String method, String target, String[] lines) {
        HttpHeaders headers = new DefaultHttpHeaders().set("host", "bucket.s3.example.test");
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            try {
                headers.add(
                        colon < 0 ? lines[i] : lines[i].substring(0, colon),
                        colon < 0 ? "" : lines[i].substring(colon + 1).strip());
            } catch (IllegalArgumentException e) {
                // No HTTP header: the server refuses it before.
            }
        }
        try {
            S3Request request = PARSER.parse(method, target, headers);
            if (request instanceof ObjectRequest object) {
                assertThat(object.key().getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, 1024);
            }
        } catch (S3Exception e) {
            assertThat(e.status()).isBetween(400, 501);
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    private static byte[] mutate(Random random, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int n = random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) "%&=?/+<>\"' \r\n".charAt(random.nextInt(13));
                case 2 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(1, at));
                default -> System.arraycopy(bytes, 0, bytes, at, bytes.length - at);
            }
        }
        return bytes;
    }
}
