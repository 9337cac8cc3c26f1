package dev.sallyport.gateway.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.operation.FakeStore;
import dev.sallyport.gateway.operation.FakeStore.Answer;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.gateway.s3.XmlElement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListObjectsTest {
    private static final String PLAIN_ETAG = "&quot;5eb63bbbe01eeed093cb22bb8f5acdc3&quot;";
    private static final BucketNames NAMES = new BucketNames(Map.of("photos", "acme-photos"), Set.of("staging"));

    private final BucketSettingsStore settings = new BucketSettingsStore(new MemoryKeyStore(), BucketMode.STRICT);

    private static String entry(String encodedKey, long size, String etag) {
        return "<Contents><Key>" + encodedKey + "</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"
                + etag + "</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><Size>" + size
                + "</Size><Owner><ID>of-the-store</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>";
    }

    private static String page(String more, String... entries) {
        return "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                + "<Name>acme-photos</Name><EncodingType>url</EncodingType>" + more + String.join("", entries)
                + "</ListBucketResult>";
    }

    private FakeExchange list(FakeStore store, String target) {
        FakeExchange exchange = new FakeExchange("GET", target);
        ListObjects operation =
                new ListObjects(new BucketStore(store, NAMES), settings, new Account("111122223333", "us-east-1"));
        var request = new S3RequestParser(List.of(), "111122223333").parse("GET", target, exchange.headers());
        if (request instanceof BucketRequest.ListObjectsV2 v2) {
            operation.v2(exchange.call(), v2);
        } else if (request instanceof BucketRequest.ListObjects v1) {
            operation.v1(exchange.call(), v1);
        }
        return exchange;
    }

    private static XmlElement xml(FakeExchange exchange) {
        assertThat(exchange.status()).isEqualTo(200);
        return XmlElement.parse(exchange.answer().getBytes(StandardCharsets.UTF_8), "ListBucketResult");
    }

    @Test
    void passesEveryParameterAndTranslatesTheAnswer() {
        FakeStore store = new FakeStore(request -> Answer.of(
                200,
                page(
                        "<IsTruncated>true</IsTruncated><NextContinuationToken>t2</NextContinuationToken>"
                                + "<CommonPrefixes><Prefix>a+b%2F</Prefix></CommonPrefixes>",
                        entry("a%01%C3%A9+%2B%26", SizeFormula.storedSize(11), PLAIN_ETAG),
                        entry("m", SizeFormula.storedSize(6L << 20), "&quot;00-3&quot;"),
                        entry("foreign", 5, PLAIN_ETAG),
                        entry("empty%2F", 0, PLAIN_ETAG))));
        FakeExchange exchange = list(
                store,
                "/photos?list-type=2&prefix=a%20b&delimiter=%2F&max-keys=7&start-after=z%01"
                        + "&continuation-token=t%2B1&fetch-owner=true&encoding-type=url");
        assertThat(store.lines())
                .containsExactly("GET /acme-photos?encoding-type=url&max-keys=7&prefix=a b&delimiter=/"
                        + "&list-type=2&continuation-token=t+1&start-after=z\u0001");
        XmlElement result = xml(exchange);
        assertThat(result.childText("Name")).isEqualTo("photos");
        assertThat(result.childText("Prefix")).isEqualTo("a+b");
        assertThat(result.childText("NextContinuationToken")).isEqualTo("t2");
        assertThat(result.childText("KeyCount")).isEqualTo("5");
        assertThat(result.childText("IsTruncated")).isEqualTo("true");
        List<XmlElement> contents = result.children("Contents");
        assertThat(contents).extracting(c -> c.childText("Size")).containsExactly("11", "6291456", "5", "0");
        assertThat(contents)
                .extracting(c -> c.childText("ETag"))
                .containsExactly(
                        "\"5eb63bbbe01eeed093cb22bb8f5acdc3-1\"",
                        "\"00-3\"",
                        "\"5eb63bbbe01eeed093cb22bb8f5acdc3-1\"",
                        "\"5eb63bbbe01eeed093cb22bb8f5acdc3-1\"");
        assertThat(contents.get(0).childText("Key")).isEqualTo("a%01%C3%A9+%2B%26");
        assertThat(contents.get(0).child("ChecksumAlgorithm")).isNull();
        assertThat(exchange.answer()).doesNotContain("of-the-store").contains("<Owner><ID>");
        assertThat(result.children("CommonPrefixes").get(0).childText("Prefix")).isEqualTo("a+b/");
    }

    @Test
    void withoutEncodingKeysComeAsTheyAre() {
        FakeStore store = new FakeStore(request ->
                Answer.of(200, page("<IsTruncated>false</IsTruncated>", entry("a%01%3C%26+b", 0, PLAIN_ETAG))));
        FakeExchange exchange = list(store, "/photos");
        // Control characters come as AWS writes them: references that XML 1.0 does not know.
        assertThat(exchange.answer()).contains("<Key>a&#x1;&lt;&amp; b</Key>").contains("<Marker></Marker>");
    }

    @Test
    void firstVersionNamesTheNextMarkerWithADelimiterOnly() {
        FakeStore store = new FakeStore(request -> Answer.of(
                200,
                page(
                        "<IsTruncated>true</IsTruncated><CommonPrefixes><Prefix>b%2F</Prefix></CommonPrefixes>",
                        entry("a", 0, PLAIN_ETAG))));
        assertThat(xml(list(store, "/photos?delimiter=/&max-keys=2")).childText("NextMarker"))
                .isEqualTo("b/");
        assertThat(xml(list(store, "/photos?max-keys=2")).childText("NextMarker"))
                .isNull();
    }

    @Test
    void noRoomMeansAnEmptyPage() {
        FakeStore store = new FakeStore(request -> Answer.of(200, ""));
        XmlElement result = xml(list(store, "/photos?max-keys=0&list-type=2"));
        assertThat(result.childText("IsTruncated")).isEqualTo("false");
        assertThat(result.childText("MaxKeys")).isEqualTo("0");
        assertThat(store.lines()).containsExactly("HEAD /acme-photos");
    }

    @Test
    void mixedBucketsAskOnceForWhatMayBeEither() {
        settings.putMode("photos", BucketMode.MIXED);
        long stored = SizeFormula.storedSize(100);
        FakeStore store = new FakeStore(request -> {
            if (request.method().equals("HEAD")) {
                Answer head = Answer.of(200, "");
                return "ours".equals(request.key()) ? head.with("x-amz-meta-sallyport", "AQ") : head;
            }
            return Answer.of(
                    200,
                    page(
                            "<IsTruncated>false</IsTruncated>",
                            entry("ours", stored, PLAIN_ETAG),
                            entry("theirs", stored, PLAIN_ETAG),
                            entry("odd", 17, PLAIN_ETAG)));
        });
        ListObjects operation =
                new ListObjects(new BucketStore(store, NAMES), settings, new Account("111122223333", "us-east-1"));
        for (int i = 0; i < 2; i++) {
            FakeExchange exchange = new FakeExchange("GET", "/photos");
            var request = new S3RequestParser(List.of(), "111122223333").parse("GET", "/photos", exchange.headers());
            operation.v1(exchange.call(), (BucketRequest.ListObjects) request);
            assertThat(xml(exchange).children("Contents"))
                    .extracting(c -> c.childText("Size"))
                    .containsExactly("100", Long.toString(stored), "17");
        }
        assertThat(store.lines().stream().filter(line -> line.startsWith("HEAD")))
                .containsExactlyInAnyOrder("HEAD /acme-photos/ours", "HEAD /acme-photos/theirs");
    }

    @Test
    void errorsNameTheGatewaysBucket() {
        FakeStore missing = new FakeStore(request -> Answer.error(404, "NoSuchBucket"));
        assertThatThrownBy(() -> list(missing, "/photos"))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.details()).containsEntry("BucketName", "photos"));
        assertThatThrownBy(() -> list(missing, "/acme-photos"))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.code()).isEqualTo("NoSuchBucket"));
        assertThat(missing.requests()).hasSize(1);
        FakeStore badCredentials = new FakeStore(request -> Answer.error(403, "SignatureDoesNotMatch"));
        assertThatThrownBy(() -> list(badCredentials, "/photos")).isInstanceOf(BackendUnavailableException.class);
        FakeStore notAStore = new FakeStore(request -> Answer.of(200, "<html/>"));
        assertThatThrownBy(() -> list(notAStore, "/photos")).isInstanceOf(BackendUnavailableException.class);
    }
}
