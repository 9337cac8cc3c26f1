package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.backend.StoreCapabilities.OnTarget;
import dev.sallyport.gateway.format.SizeFormula;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PutObject, GetObject and HeadObject over real stores, with what the store holds seen from behind. */
class ObjectsIT extends StoreBackedIT {
    @ParameterizedTest
    @MethodSource("fixtures")
    void givesBackWhatItWasGivenAtEverySize(Fixture fixture) throws Exception {
        int mib5 = 5 << 20;
        int[] sizes = {
            0, 1, 15, 16, 17, 65_535, 65_536, 65_537, 131_072, 262_143, 262_144, 262_145, mib5 - 1, mib5, mib5 + 1
        };
        for (int size : sizes) {
            byte[] content = random(size);
            HttpResponse<byte[]> put = put(fixture, "size-" + size, content, Map.of());
            assertThat(put.statusCode()).isEqualTo(200);
            assertThat(put.headers().firstValue("x-amz-server-side-encryption-aws-kms-key-id"))
                    .hasValue(FakeKms.KEY_ARN);
            HttpResponse<byte[]> got = send(fixture, "GET", "size-" + size, Map.of("x-amz-checksum-mode", "ENABLED"));
            assertThat(got.statusCode()).isEqualTo(200);
            assertThat(got.body()).isEqualTo(content);
            assertThat(got.headers().firstValue("etag")).isEqualTo(put.headers().firstValue("etag"));
            assertThat(got.headers().firstValue("x-amz-checksum-crc64nvme"))
                    .isEqualTo(put.headers().firstValue("x-amz-checksum-crc64nvme"))
                    .isPresent();
            HttpResponse<byte[]> head = send(fixture, "HEAD", "size-" + size, Map.of());
            assertThat(head.headers().firstValueAsLong("content-length")).hasValue(size);
            byte[] stored = stored(fixture, "size-" + size);
            assertThat(stored).hasSize((int) SizeFormula.storedSize(size));
            if (size > 16) {
                assertThat(contains(stored, Arrays.copyOf(content, 16))).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void givesRanges(Fixture fixture) throws Exception {
        Random random = new Random(17);
        for (int size : new int[] {1, 65_537, 700_000, (5 << 20) + 3}) {
            byte[] content = random(size);
            String key = "range-" + size;
            assertThat(put(fixture, key, content, Map.of()).statusCode()).isEqualTo(200);
            for (int i = 0; i < 25; i++) {
                int first = random.nextInt(size);
                int last = first + random.nextInt(size - first + 10);
                String range = switch (i % 3) {
                    case 0 -> "bytes=" + first + "-" + last;
                    case 1 -> "bytes=" + first + "-";
                    default -> "bytes=-" + (first + 1);
                };
                int from = i % 3 == 2 ? Math.max(0, size - first - 1) : first;
                int to = i % 3 == 0 ? Math.min(last, size - 1) : size - 1;
                HttpResponse<byte[]> got = send(fixture, "GET", key, Map.of("range", range));
                assertThat(got.statusCode()).as("%s of %d", range, size).isEqualTo(206);
                assertThat(got.body()).isEqualTo(Arrays.copyOfRange(content, from, to + 1));
                assertThat(got.headers().firstValue("content-range")).hasValue("bytes " + from + "-" + to + "/" + size);
            }
            for (String beyond : new String[] {"bytes=" + size + "-", "bytes=" + (size + 70_000) + "-", "bytes=-0"}) {
                HttpResponse<byte[]> refused = send(fixture, "GET", key, Map.of("range", beyond));
                assertThat(refused.statusCode()).isEqualTo(416);
                assertThat(text(refused)).contains("InvalidRange").contains("<ActualObjectSize>" + size + "<");
            }
            assertThat(send(fixture, "GET", key, Map.of("range", "bytes=5-2")).body())
                    .isEqualTo(content);
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void keepsHeadersAndMetadata(Fixture fixture) throws Exception {
        Map<String, String> headers = Map.of(
                "content-type", "text/plain; charset=utf-8",
                "cache-control", "max-age=5",
                "content-disposition", "attachment; filename=\"a b.txt\"",
                "content-encoding", "gzip",
                "content-language", "de",
                "expires", "Wed, 21 Oct 2015 07:28:00 GMT",
                "x-amz-meta-Colour", "red  and   green",
                "x-amz-meta-empty", "");
        assertThat(put(fixture, "headers", random(10), headers).statusCode()).isEqualTo(200);
        for (String method : new String[] {"GET", "HEAD"}) {
            HttpResponse<byte[]> got = send(fixture, method, "headers", Map.of());
            assertThat(got.statusCode()).isEqualTo(200);
            headers.forEach((name, value) -> {
                if (name.equals("content-type")) {
                    // The embedded store takes out the space.
                    assertThat(got.headers().firstValue(name).orElse("").replace(" ", ""))
                            .isEqualTo("text/plain;charset=utf-8");
                } else if (!value.isEmpty()) {
                    assertThat(got.headers().firstValue(name)).as(name).hasValue(value);
                }
            });
            assertThat(got.headers().map().keySet().toString().toLowerCase(Locale.ROOT))
                    .doesNotContain("x-amz-meta-sallyport");
        }
        HttpResponse<byte[]> refused = put(fixture, "own", NOTHING, Map.of("x-amz-meta-sallyport", "x"));
        assertThat(refused.statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void verifiesDigestsBeforeAnythingIsReplaced(Fixture fixture) throws Exception {
        byte[] old = random(100);
        assertThat(put(fixture, "digest", old, Map.of()).statusCode()).isEqualTo(200);
        for (int size : new int[] {0, 1_000, 1 << 20}) {
            for (Map<String, String> wrong : List.of(
                    Map.of("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="), Map.of("x-amz-checksum-crc32", "AAAAAQ=="))) {
                HttpResponse<byte[]> refused = put(fixture, "digest", random(size), wrong);
                assertThat(refused.statusCode()).isEqualTo(400);
                assertThat(text(refused)).contains("BadDigest");
            }
        }
        assertThat(send(fixture, "GET", "digest", Map.of()).body()).isEqualTo(old);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void keepsTheOldObjectWhenAnUploadIsAborted(Fixture fixture) throws Exception {
        byte[] old = random(300);
        assertThat(put(fixture, "aborted", old, Map.of()).statusCode()).isEqualTo(200);
        for (int size : new int[] {1_000, 3 << 20}) {
            for (boolean halfClose : new boolean[] {false, true}) {
                try (Socket socket = new Socket(
                        "127.0.0.1", fixture.server().uri(BUCKET, "aborted").getPort())) {
                    String head = "PUT /" + BUCKET + "/aborted HTTP/1.1\r\nHost: gateway\r\nContent-Length: " + size
                            + "\r\n\r\n";
                    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().write(new byte[size - 1]);
                    if (halfClose) {
                        socket.shutdownOutput();
                        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                        assertThat(answer).doesNotContain("200 OK");
                    }
                }
                assertThat(send(fixture, "GET", "aborted", Map.of()).body()).isEqualTo(old);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void refusesWhatWasTamperedWith(Fixture fixture) throws Exception {
        byte[] content = random(200_000);
        assertThat(put(fixture, "tamper", content, Map.of("x-amz-meta-a", "b")).statusCode())
                .isEqualTo(200);
        Map<String, String> headers = storedHeaders(fixture, "tamper");
        byte[] stored = stored(fixture, "tamper");

        behind(fixture, "PUT", "tamper", headers, stored);
        assertThat(send(fixture, "GET", "tamper", Map.of()).body())
                .as("control")
                .isEqualTo(content);

        for (int at : new int[] {0, 70_000, 200_000, stored.length - 700, stored.length - 40, stored.length - 1}) {
            byte[] flipped = stored.clone();
            flipped[at] ^= 1;
            behind(fixture, "PUT", "tamper", headers, flipped);
            assertRefused(fixture, "tamper", 200);
        }
        behind(fixture, "PUT", "tamper", headers, Arrays.copyOf(stored, stored.length - 1));
        assertRefused(fixture, "tamper", 403);
        behind(fixture, "PUT", "tamper", headers, Arrays.copyOf(stored, stored.length + 1));
        assertRefused(fixture, "tamper", 403);
        behind(fixture, "PUT", "moved", headers, stored);
        assertRefused(fixture, "moved", 403);
        Map<String, String> edited = new java.util.HashMap<>(headers);
        edited.put("x-amz-meta-a", "c");
        behind(fixture, "PUT", "tamper", edited, stored);
        assertRefused(fixture, "tamper", 403);
        behind(fixture, "PUT", "foreign", Map.of(), random(10));
        assertRefused(fixture, "foreign", 403);
        fixture.server().mixed = true;
        assertThat(send(fixture, "GET", "foreign", Map.of()).statusCode()).isEqualTo(200);
        assertRefused(fixture, "tamper", 403);
        fixture.server().mixed = false;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void asksTheKmsOnceAndObeysIt(Fixture fixture) throws Exception {
        FakeKms kms = fixture.server().kms;
        kms.calls.clear();
        byte[] content = random(1_000);
        put(fixture, "kms", content, Map.of());
        send(fixture, "HEAD", "kms", Map.of());
        send(fixture, "GET", "kms", Map.of());
        assertThat(kms.calls)
                .containsExactly("GenerateDataKey arn:aws:s3:::objects/kms", "Decrypt arn:aws:s3:::objects/kms");
        kms.calls.clear();
        Map<String, String> bucketKey = Map.of("x-amz-server-side-encryption-bucket-key-enabled", "true");
        for (int i = 0; i < 3; i++) {
            assertThat(put(fixture, "bk" + i, content, bucketKey)
                            .headers()
                            .firstValue("x-amz-server-side-encryption-bucket-key-enabled"))
                    .hasValue("true");
            assertThat(send(fixture, "GET", "bk" + i, Map.of()).body()).isEqualTo(content);
        }
        assertThat(kms.calls).containsExactly("GenerateDataKey arn:aws:s3:::objects");
        kms.denied = true;
        for (String key : new String[] {"kms", "bk0"}) {
            HttpResponse<byte[]> denied = send(fixture, "GET", key, Map.of());
            assertThat(denied.statusCode()).isEqualTo(403);
            assertThat(text(denied)).contains("AccessDenied");
        }
        assertThat(put(fixture, "denied", content, bucketKey).statusCode()).isEqualTo(403);
        kms.denied = false;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void leavesConditionsToTheStore(Fixture fixture) throws Exception {
        String etag = put(fixture, "cond", random(50), Map.of())
                .headers()
                .firstValue("etag")
                .orElseThrow();
        assertThat(etag).endsWith("-1\"");
        assertThat(send(fixture, "GET", "cond", Map.of("if-match", etag)).statusCode())
                .isEqualTo(200);
        assertThat(send(fixture, "GET", "cond", Map.of("if-none-match", etag)).statusCode())
                .isEqualTo(304);
        assertThat(send(fixture, "GET", "cond", Map.of("if-match", "\"x-1\"")).statusCode())
                .isEqualTo(412);
        assertThat(send(fixture, "GET", "no-such-key", Map.of()).statusCode()).isEqualTo(404);
        StoreCapabilities can = fixture.server().probe.capabilities();
        assertThat(put(fixture, "cond", random(51), Map.of("if-none-match", "*"))
                        .statusCode())
                .isEqualTo(can.put().ifNoneMatch() ? 412 : 501);
        assertThat(put(fixture, "cond", random(52), Map.of("if-match", "\"x-1\""))
                        .statusCode())
                .isEqualTo(can.put().ifMatch() ? 412 : 501);
        assertThat(put(fixture, "cond", random(1 << 20), Map.of("if-match", "\"x-1\""))
                        .statusCode())
                .isEqualTo(can.put().ifMatch() ? 412 : 501);
        if (fixture.store().name().equals("minio")) {
            assertThat(can)
                    .isEqualTo(new StoreCapabilities(OnTarget.BOTH, OnTarget.BOTH, OnTarget.NEITHER, false, true));
        }
        HttpResponse<byte[]> attributes =
                send(fixture, "GET", "cond?attributes", Map.of("x-amz-object-attributes", "ETag,Checksum,ObjectSize"));
        assertThat(text(attributes))
                .contains("<ObjectSize>50</ObjectSize>")
                .contains("ChecksumCRC64NVME")
                .contains(etag.replace("\"", ""));
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void weighsConditionsOnReadsAsS3WhateverItsStoreDoes(Fixture fixture) throws Exception {
        HttpResponse<byte[]> stored = put(fixture, "weighed", random(700_000), Map.of());
        String etag = stored.headers().firstValue("etag").orElseThrow();
        String date = send(fixture, "HEAD", "weighed", Map.of())
                .headers()
                .firstValue("last-modified")
                .orElseThrow();
        String before = "Sat, 29 Oct 1994 19:43:31 GMT";
        for (String method : List.of("GET", "HEAD")) {
            weighed(fixture, method, 304, "if-modified-since", date);
            weighed(fixture, method, 200, "if-modified-since", before);
            weighed(fixture, method, 412, "if-unmodified-since", before);
            weighed(fixture, method, 200, "if-match", etag, "if-unmodified-since", before);
            weighed(fixture, method, 200, "if-match", "\"x\", " + etag);
            weighed(fixture, method, 412, "if-match", "\"x\", \"y\"");
            weighed(fixture, method, 304, "if-none-match", "\"x\", " + etag);
            weighed(fixture, method, 200, "if-none-match", "\"x\"", "if-modified-since", date);
            weighed(fixture, method, 304, "if-none-match", etag, "if-modified-since", before);
            assertThat(weighed(fixture, method, 304, "if-none-match", etag)
                            .headers()
                            .firstValue("etag"))
                    .hasValue(etag);
        }
    }

    private HttpResponse<byte[]> weighed(Fixture fixture, String method, int status, String... conditions)
            throws Exception {
        Map<String, String> headers = new TreeMap<>();
        for (int i = 0; i < conditions.length; i += 2) {
            headers.put(conditions[i], conditions[i + 1]);
        }
        HttpResponse<byte[]> answer = send(fixture, method, "weighed", headers);
        assertThat(answer.statusCode()).as("%s %s", method, headers).isEqualTo(status);
        return answer;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void givesARangeOfTheObjectThatIfRangeNamesOnly(Fixture fixture) throws Exception {
        byte[] content = random(200_000);
        String etag = put(fixture, "resumed", content, Map.of())
                .headers()
                .firstValue("etag")
                .orElseThrow();
        String date = send(fixture, "HEAD", "resumed", Map.of())
                .headers()
                .firstValue("last-modified")
                .orElseThrow();
        for (String same : List.of(etag, date)) {
            HttpResponse<byte[]> rest =
                    send(fixture, "GET", "resumed", Map.of("range", "bytes=150000-", "if-range", same));
            assertThat(rest.statusCode()).isEqualTo(206);
            assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(content, 150_000, 200_000));
        }
        for (String other : List.of("\"x-1\"", "W/" + etag, "Sat, 29 Oct 1994 19:43:31 GMT", "neither")) {
            HttpResponse<byte[]> whole =
                    send(fixture, "GET", "resumed", Map.of("range", "bytes=150000-", "if-range", other));
            assertThat(whole.statusCode()).as(other).isEqualTo(200);
            assertThat(whole.body()).isEqualTo(content);
            assertThat(send(fixture, "HEAD", "resumed", Map.of("range", "bytes=150000-", "if-range", other))
                            .statusCode())
                    .isEqualTo(200);
        }
        for (String method : List.of("GET", "HEAD")) {
            assertThat(send(fixture, method, "resumed", Map.of("range", "bytes=200000-"))
                            .headers()
                            .firstValue("content-range"))
                    .hasValue("bytes */200000");
        }
    }
}
