package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.s3.PercentCoding;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.MinioStore;
import dev.sallyport.gateway.testing.S3Store;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Buckets, listings, deletions and copies over real stores. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServiceIT {
    private static final byte[] NOTHING = new byte[0];
    private static final String SSE = "x-amz-server-side-encryption";

    private final List<Fixture> fixtures = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    record Fixture(S3Store store, ServiceServer server) {
        @Override
        public String toString() {
            return store.name();
        }

        /** Names of keys that not every store can hold. */
        boolean anyKey() {
            return store.name().startsWith("minio");
        }
    }

    @BeforeAll
    void start() throws IOException {
        List<S3Store> stores = new ArrayList<>(List.of(new EmbeddedS3Store()));
        MinioStore.open().ifPresent(stores::add);
        for (S3Store store : stores) {
            fixtures.add(new Fixture(store, new ServiceServer(store, false)));
        }
    }

    @AfterAll
    void stop() {
        for (Fixture fixture : fixtures) {
            fixture.server.close();
            fixture.store.close();
        }
    }

    Stream<Fixture> fixtures() {
        return fixtures.stream();
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void buckets(Fixture fixture) throws Exception {
        assertThat(send(fixture, "PUT", "/mapped").statusCode()).isEqualTo(200);
        assertThat(send(fixture, "PUT", "/mapped").statusCode()).isEqualTo(200);
        HttpResponse<byte[]> head = send(fixture, "HEAD", "/mapped");
        assertThat(head.headers().firstValue("x-amz-bucket-region")).hasValue("us-east-1");
        assertThat(text(send(fixture, "GET", "/")))
                .contains("<Name>mapped</Name>")
                .doesNotContain("store-side-name");
        assertThat(send(fixture, "HEAD", "/store-side-name").statusCode()).isEqualTo(404);
        assertThat(text(send(fixture, "GET", "/mapped?location"))).contains("LocationConstraint");
        HttpResponse<byte[]> missing = send(fixture, "GET", "/not-there?location");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(text(missing))
                .contains("<Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message>"
                        + "<BucketName>not-there</BucketName>");
        assertThat(send(fixture, "PUT", "/mapped/k", NOTHING).statusCode()).isEqualTo(200);
        HttpResponse<byte[]> full = send(fixture, "DELETE", "/mapped");
        assertThat(full.statusCode()).isEqualTo(409);
        assertThat(text(full)).contains("<Code>BucketNotEmpty</Code>");
        assertThat(send(fixture, "DELETE", "/mapped/k").statusCode()).isEqualTo(204);
        assertThat(send(fixture, "DELETE", "/mapped/k").statusCode()).isEqualTo(204);
        assertThat(send(fixture, "DELETE", "/mapped").statusCode()).isEqualTo(204);
        assertThat(send(fixture, "HEAD", "/mapped").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void pagesOfManyKeys(Fixture fixture) throws Exception {
        assertThat(send(fixture, "PUT", "/many").statusCode()).isEqualTo(200);
        TreeSet<String> keys = new TreeSet<>();
        for (int i = 0; i < 1200; i++) {
            String key = "d" + i % 7 + "/k" + i;
            keys.add(key);
            assertThat(send(fixture, "PUT", "/many/" + key, new byte[i % 5]).statusCode())
                    .isEqualTo(200);
        }
        List<String> seen = new ArrayList<>();
        String token = "";
        do {
            XmlElement page = xml(send(fixture, "GET", "/many?list-type=2&max-keys=500&encoding-type=url" + token));
            for (XmlElement entry : page.children("Contents")) {
                String key = Objects.requireNonNull(entry.childText("Key"));
                seen.add(key);
                int size = Integer.parseInt(key.substring(key.indexOf('k') + 1)) % 5;
                assertThat(entry.childText("Size")).isEqualTo(Integer.toString(size));
                assertThat(entry.childText("ETag")).matches("\"[0-9a-f]{32}-1\"");
            }
            String next = page.childText("NextContinuationToken");
            token = next == null ? null : "&continuation-token=" + query(next);
        } while (token != null);
        assertThat(seen).containsExactlyElementsOf(keys);

        List<String> byMarker = new ArrayList<>();
        String marker = "";
        while (true) {
            XmlElement page = xml(send(fixture, "GET", "/many?max-keys=700&marker=" + query(marker)));
            page.children("Contents").forEach(entry -> byMarker.add(entry.childText("Key")));
            if ("false".equals(page.childText("IsTruncated"))) {
                break;
            }
            marker = byMarker.getLast();
        }
        assertThat(byMarker).containsExactlyElementsOf(keys);

        XmlElement folders = xml(send(fixture, "GET", "/many?list-type=2&delimiter=/"));
        assertThat(folders.children("CommonPrefixes"))
                .extracting(prefix -> prefix.childText("Prefix"))
                .containsExactly("d0/", "d1/", "d2/", "d3/", "d4/", "d5/", "d6/");
        assertThat(xml(send(fixture, "GET", "/many?prefix=d3/k1&max-keys=2")).children("Contents"))
                .hasSize(2);

        List<String> list = new ArrayList<>(keys);
        for (int from = 0; from < list.size(); from += 1000) {
            List<String> some = list.subList(from, Math.min(list.size(), from + 1000));
            HttpResponse<byte[]> deleted = deleteAll(fixture, "many", some);
            assertThat(deleted.statusCode()).isEqualTo(200);
            assertThat(XmlElement.parse(deleted.body(), "DeleteResult").children("Deleted"))
                    .hasSameSizeAs(some);
        }
        assertThat(xml(send(fixture, "GET", "/many")).children("Contents")).isEmpty();
    }

    /** One store never ends a listing that is grouped by anything but a slash; another does not begin it. */
    @ParameterizedTest
    @MethodSource("fixtures")
    void groupsByAnyDelimiter(Fixture fixture) throws Exception {
        assertThat(send(fixture, "PUT", "/grouped").statusCode()).isEqualTo(200);
        for (String key : List.of("a", "ab/1", "ab/2", "ab/3", "b", "c d e", "c d f", "xx", "xxx", "z/1")) {
            assertThat(send(fixture, "PUT", "/grouped/" + PercentCoding.encodePath(key), NOTHING)
                            .statusCode())
                    .isEqualTo(200);
        }
        assertGrouped(fixture, "/", "", "a|<ab/>|b|c d e|c d f|xx|xxx|<z/>");
        assertGrouped(fixture, "b/", "", "a|<ab/>|b|c d e|c d f|xx|xxx|z/1");
        assertGrouped(fixture, " ", "", "a|ab/1|ab/2|ab/3|b|<c >|xx|xxx|z/1");
        assertGrouped(fixture, " ", "c ", "<c d >");
        assertGrouped(fixture, "x", "x", "<xx>");
        assertGrouped(fixture, "d f", "c", "c d e|<c d f>");
        assertGrouped(fixture, "nowhere", "ab", "ab/1|ab/2|ab/3");
        assertGrouped(fixture, "b/", "nowhere", "");
        assertThat(names(xml(send(fixture, "GET", "/grouped?delimiter=b/&marker=ab/2"))))
                .as("a group that the marker is in is over")
                .containsExactly("b", "c d e", "c d f", "xx", "xxx", "z/1");
        HttpResponse<byte[]> wrong = send(fixture, "GET", "/grouped?list-type=2&delimiter=b/&continuation-token=odd");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(text(wrong)).contains("<Code>InvalidArgument</Code>");
    }

    private void assertGrouped(Fixture fixture, String delimiter, String prefix, String expected) throws Exception {
        List<String> names = expected.isEmpty() ? List.of() : List.of(expected.split("\\|"));
        String target = "/grouped?delimiter=" + query(delimiter) + "&prefix=" + query(prefix);
        for (int most : new int[] {1, 2, 3, 1000}) {
            List<String> first = new ArrayList<>();
            List<String> second = new ArrayList<>();
            String marker = "";
            String token = "";
            for (int page = 0; page <= names.size() && marker != null && token != null; page++) {
                XmlElement v1 = xml(send(fixture, "GET", target + "&max-keys=" + most + marker));
                first.addAll(names(v1));
                String next = v1.childText("NextMarker");
                marker = next == null ? null : "&marker=" + query(next);
                XmlElement v2 = xml(send(fixture, "GET", target + "&list-type=2&max-keys=" + most + token));
                second.addAll(names(v2));
                assertThat(v2.childText("KeyCount"))
                        .isEqualTo(Integer.toString(names(v2).size()));
                next = v2.childText("NextContinuationToken");
                token = next == null ? null : "&continuation-token=" + query(next);
            }
            assertThat(marker).isNull();
            assertThat(token).isNull();
            assertThat(first).as("%s by %d", target, most).containsExactlyInAnyOrderElementsOf(names);
            assertThat(second).as("%s by %d", target, most).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    private static List<String> names(XmlElement page) {
        List<String> names = new ArrayList<>();
        page.children("Contents").forEach(entry -> names.add(entry.childText("Key")));
        page.children("CommonPrefixes").forEach(group -> names.add('<' + group.childText("Prefix") + '>'));
        return names;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void oddKeys(Fixture fixture) throws Exception {
        assertThat(send(fixture, "PUT", "/odd").statusCode()).isEqualTo(200);
        List<String> keys = new ArrayList<>(List.of(
                "a b",
                "a+b",
                "a%2Fb",
                "100%",
                "q?x&y=z",
                "#hash",
                "\u00e9\u4e2d\uD83D\uDE00",
                "<&\">'",
                "a;b:c@d,e$f",
                "star*~tilde",
                "[brackets]",
                "back|bar"));
        if (fixture.anyKey()) {
            keys.add("ctl\u0001\u0007x");
            keys.add("nl\nx");
        }
        for (String key : keys) {
            byte[] content = key.getBytes(StandardCharsets.UTF_8);
            HttpResponse<byte[]> put = send(fixture, "PUT", "/odd/" + PercentCoding.encodePath(key), content);
            assertThat(put.statusCode()).as(key).isEqualTo(200);
        }
        for (String key : keys) {
            HttpResponse<byte[]> got = send(fixture, "GET", "/odd/" + PercentCoding.encodePath(key));
            assertThat(got.statusCode()).as(key).isEqualTo(200);
            assertThat(text(got)).isEqualTo(key);
            XmlElement one = xml(send(fixture, "GET", "/odd?list-type=2&encoding-type=url&prefix=" + query(key)));
            assertThat(one.children("Contents")).as(key).hasSize(1);
            assertThat(PercentCoding.decode(
                            Objects.requireNonNull(
                                    one.children("Contents").get(0).childText("Key")),
                            true))
                    .isEqualTo(key);
        }
        // Dots and empty segments are characters like others, or are refused by what a store can hold; never resolved.
        for (String key : List.of("../up", "a/../b", "a/./b", "a//b", "./x")) {
            HttpResponse<byte[]> put = send(fixture, "PUT", "/odd/" + key, key.getBytes(StandardCharsets.UTF_8));
            if (put.statusCode() == 200) {
                assertThat(text(send(fixture, "GET", "/odd/" + key))).isEqualTo(key);
            } else {
                assertThat(put.statusCode()).as(key).isBetween(400, 503);
            }
        }
        assertThat(send(fixture, "GET", "/odd/b").statusCode()).isEqualTo(404);
        HttpResponse<byte[]> deleted = deleteAll(
                fixture,
                "odd",
                keys.stream().filter(key -> key.indexOf('\u0001') < 0).toList());
        assertThat(deleted.statusCode()).isEqualTo(200);
        assertThat(text(deleted)).doesNotContain("<Error>");
        assertThat(send(fixture, "GET", "/odd/a%20b").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void copies(Fixture fixture) throws Exception {
        assertThat(send(fixture, "PUT", "/from").statusCode()).isEqualTo(200);
        assertThat(send(fixture, "PUT", "/target").statusCode()).isEqualTo(200);
        for (int size : new int[] {0, 1, 100_000, 700_000}) {
            byte[] content = random(size);
            String key = "k+" + size;
            HttpResponse<byte[]> put = send(
                    fixture,
                    "PUT",
                    "/from/" + key,
                    content,
                    "content-type",
                    "text/x",
                    "cache-control",
                    "max-age=1",
                    "expires",
                    "Wed, 21 Oct 2015 07:28:00 GMT",
                    "x-amz-meta-a",
                    "b");
            assertThat(put.statusCode()).isEqualTo(200);
            for (boolean bucketKey : new boolean[] {false, true}) {
                String flag = Boolean.toString(bucketKey);
                String context =
                        Base64.getEncoder().encodeToString("{\"team\":\"x\"}".getBytes(StandardCharsets.UTF_8));
                HttpResponse<byte[]> copy = copy(
                        fixture,
                        "/target/c " + flag,
                        "/from/" + PercentCoding.encodePath(key),
                        SSE,
                        "aws:kms",
                        SSE + "-bucket-key-enabled",
                        flag,
                        SSE + "-context",
                        context);
                assertThat(copy.statusCode()).as(text(copy)).isEqualTo(200);
                XmlElement result = XmlElement.parse(copy.body(), "CopyObjectResult");
                assertThat(result.childText("LastModified")).isNotEmpty();
                assertThat(copy.headers().firstValue(SSE + "-aws-kms-key-id")).hasValue(FakeKms.KEY_ARN);
                assertThat(copy.headers().firstValue(SSE + "-context")).hasValue(context);
                HttpResponse<byte[]> got = send(fixture, "GET", "/target/c%20" + flag);
                assertThat(got.statusCode()).isEqualTo(200);
                assertThat(got.body()).isEqualTo(content);
                assertThat(got.headers().firstValue("etag")).hasValue(result.childText("ETag"));
                assertThat(got.headers().firstValue("content-type")).hasValue("text/x");
                assertThat(got.headers().firstValue("cache-control")).hasValue("max-age=1");
                assertThat(got.headers().firstValue("expires")).hasValue("Wed, 21 Oct 2015 07:28:00 GMT");
                assertThat(got.headers().firstValue("x-amz-meta-a")).hasValue("b");
                assertThat(got.headers().firstValue(SSE + "-bucket-key-enabled").isPresent())
                        .isEqualTo(bucketKey);
                // And back, from under a bucket key.
                assertThat(copy(fixture, "/from/back", "target/c%20" + flag).statusCode())
                        .isEqualTo(200);
                assertThat(send(fixture, "GET", "/from/back").body()).isEqualTo(content);
            }
            HttpResponse<byte[]> replaced = copy(
                    fixture,
                    "/from/" + key,
                    "from/" + PercentCoding.encodePath(key),
                    "x-amz-metadata-directive",
                    "REPLACE",
                    "x-amz-meta-new",
                    "1");
            assertThat(replaced.statusCode()).as(text(replaced)).isEqualTo(200);
            HttpResponse<byte[]> got = send(fixture, "GET", "/from/" + key);
            assertThat(got.body()).isEqualTo(content);
            assertThat(got.headers().firstValue("x-amz-meta-new")).hasValue("1");
            assertThat(got.headers().firstValue("x-amz-meta-a")).isEmpty();
            assertThat(got.headers().firstValue("expires")).isEmpty();
            assertThat(got.headers().firstValue("content-type")).hasValue("binary/octet-stream");
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void copiesThatAreRefused(Fixture fixture) throws Exception {
        assertThat(send(fixture, "PUT", "/refusing").statusCode()).isEqualTo(200);
        HttpResponse<byte[]> put = send(fixture, "PUT", "/refusing/k", random(10));
        String etag = put.headers().firstValue("etag").orElseThrow();
        HttpResponse<byte[]> self = copy(fixture, "/refusing/k", "refusing/k");
        assertThat(self.statusCode()).isEqualTo(400);
        assertThat(text(self))
                .contains(
                        "<Message>This copy request is illegal because it is trying to copy an object to itself without changing the object&apos;s metadata, storage class, website redirect location or encryption attributes.</Message>"
                                .replace("&apos;", "'"));
        assertThat(text(copy(fixture, "/refusing/t", "refusing/none")))
                .contains("<Code>NoSuchKey</Code>", "<Key>none</Key>");
        assertThat(text(copy(fixture, "/refusing/t", "no-such-source/none")))
                .contains("<Code>NoSuchBucket</Code>", "<BucketName>no-such-source</BucketName>");
        assertThat(text(copy(fixture, "/no-such-target/t", "refusing/k"))).contains("<Code>NoSuchBucket</Code>");
        condition(fixture, "if-match", "\"00\"", "If-Match");
        condition(fixture, "if-none-match", etag, "If-None-Match");
        condition(fixture, "if-none-match", etag.replace("\"", ""), "If-None-Match");
        condition(fixture, "if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT", null);
        condition(fixture, "if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT", "If-Unmodified-Since");
        condition(fixture, "if-match", etag, null);
        HttpResponse<byte[]> conditional = copy(fixture, "/refusing/t", "refusing/k", "if-none-match", "*");
        assertThat(conditional.statusCode()).isEqualTo(412);
        assertThat(text(conditional)).contains("If-None-Match");
        assertThat(send(fixture, "GET", "/refusing/k").body()).isEqualTo(random(10));
    }

    private void condition(Fixture fixture, String name, String value, @org.jspecify.annotations.Nullable String failed)
            throws Exception {
        HttpResponse<byte[]> copy = copy(fixture, "/refusing/t", "refusing/k", "x-amz-copy-source-" + name, value);
        if (failed == null) {
            assertThat(copy.statusCode()).as(name).isEqualTo(200);
        } else {
            assertThat(copy.statusCode()).as(name).isEqualTo(412);
            assertThat(text(copy)).contains("<Condition>x-amz-copy-source-" + failed + "</Condition>");
        }
    }

    private HttpResponse<byte[]> copy(Fixture fixture, String target, String source, String... headers)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("x-amz-copy-source", source));
        all.addAll(List.of(headers));
        return send(fixture, "PUT", target.replace(" ", "%20"), NOTHING, all.toArray(String[]::new));
    }

    private HttpResponse<byte[]> deleteAll(Fixture fixture, String bucket, List<String> keys) throws Exception {
        StringBuilder body = new StringBuilder("<Delete>");
        for (String key : keys) {
            body.append("<Object><Key>")
                    .append(key.replace("&", "&amp;").replace("<", "&lt;"))
                    .append("</Key></Object>");
        }
        byte[] bytes = body.append("</Delete>").toString().getBytes(StandardCharsets.UTF_8);
        String md5 = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        return send(fixture, "POST", "/" + bucket + "?delete", bytes, "content-md5", md5);
    }

    private HttpResponse<byte[]> send(Fixture fixture, String method, String target) throws Exception {
        return send(fixture, method, target, NOTHING);
    }

    private HttpResponse<byte[]> send(Fixture fixture, String method, String target, byte[] body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(fixture.server.uri(target));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        boolean carries = method.equals("PUT") || method.equals("POST");
        request.method(
                method, carries ? HttpRequest.BodyPublishers.ofByteArray(body) : HttpRequest.BodyPublishers.noBody());
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static XmlElement xml(HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
        return XmlElement.parse(response.body(), "ListBucketResult");
    }

    private static String query(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
