package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.checksum.RunningChecksum;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.ManifestEntry;
import dev.sallyport.gateway.format.ObjectKeys;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.PartHeader;
import dev.sallyport.gateway.format.Plan;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.format.SseAlgorithm;
import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.format.WrappedKey;
import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.envelope.Sealer;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads of multipart objects, which a test puts into the store as an upload would leave them. */
class MultipartReadIT extends StoreBackedIT {
    private static final int[] LENGTHS = {5 << 20, (5 << 20) + 70_001, 100_000};
    private static final int[] NUMBERS = {1, 2, 10_000};

    private final byte[] content = random(Arrays.stream(LENGTHS).sum());

    @ParameterizedTest
    @MethodSource("fixtures")
    void givesTheWholeRangesAndParts(Fixture fixture) throws Exception {
        put(fixture, "multi");
        for (int i = 0; i < 2; i++) {
            HttpResponse<byte[]> got = send(fixture, "GET", "multi", Map.of("x-amz-checksum-mode", "ENABLED"));
            assertThat(got.statusCode()).isEqualTo(200);
            assertThat(got.body()).isEqualTo(content);
            assertThat(got.headers().firstValue("x-amz-checksum-crc64nvme")).hasValue(crc(content, 0, content.length));
        }
        HttpResponse<byte[]> head = send(fixture, "HEAD", "multi", Map.of());
        assertThat(head.headers().firstValueAsLong("content-length")).hasValue(content.length);
        Random random = new Random(3);
        for (int i = 0; i < 30; i++) {
            int from = i < 6 ? LENGTHS[0] - 3 + i : random.nextInt(content.length);
            int to = Math.min(content.length - 1, from + (i < 6 ? 3 : random.nextInt(6 << 20)));
            HttpResponse<byte[]> got = send(fixture, "GET", "multi", Map.of("range", "bytes=" + from + "-" + to));
            assertThat(got.statusCode()).isEqualTo(206);
            assertThat(got.body()).isEqualTo(Arrays.copyOfRange(content, from, to + 1));
        }
        assertThat(send(fixture, "GET", "multi", Map.of("range", "bytes=-5")).body())
                .isEqualTo(Arrays.copyOfRange(content, content.length - 5, content.length));
        int from = 0;
        for (int i = 0; i < NUMBERS.length; i++) {
            HttpResponse<byte[]> part =
                    send(fixture, "GET", "multi?partNumber=" + NUMBERS[i], Map.of("x-amz-checksum-mode", "ENABLED"));
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.headers().firstValue("x-amz-mp-parts-count")).hasValue("3");
            assertThat(part.headers().firstValue("x-amz-checksum-crc64nvme")).hasValue(crc(content, from, LENGTHS[i]));
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, from, from + LENGTHS[i]));
            from += LENGTHS[i];
        }
        assertThat(send(fixture, "GET", "multi?partNumber=3", Map.of()).statusCode())
                .isEqualTo(416);
        HttpResponse<byte[]> attributes =
                send(fixture, "GET", "multi?attributes", Map.of("x-amz-object-attributes", "ObjectParts,ObjectSize"));
        assertThat(text(attributes))
                .contains("<PartsCount>3</PartsCount>")
                .contains("<PartNumber>10000</PartNumber>")
                .contains("<ObjectSize>" + content.length + "</ObjectSize>");
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void refusesSwappedPartsAndEveryOtherChange(Fixture fixture) throws Exception {
        Map<String, String> headers = new HashMap<>();
        byte[] stored = build(fixture, "forged", headers);
        behind(fixture, "PUT", "forged", headers, stored);
        assertThat(send(fixture, "GET", "forged", Map.of()).body())
                .as("control")
                .isEqualTo(content);
        int second = PartHeader.LENGTH + (int) SizeFormula.segmentsSize(LENGTHS[0]);
        int third = second + PartHeader.LENGTH + (int) SizeFormula.segmentsSize(LENGTHS[1]);
        int tail = third + PartHeader.LENGTH + (int) SizeFormula.segmentsSize(LENGTHS[2]);

        byte[] swapped = stored.clone();
        System.arraycopy(stored, 0, swapped, second, 2 * 65_552);
        cutOrRefused(fixture, headers, swapped);
        for (int at : new int[] {0, 40, second, second + 20, second + 100, third + 31, third + 5_000}) {
            cutOrRefused(fixture, headers, flip(stored, at));
        }
        for (int at : new int[] {tail, tail + 100, stored.length - 33, stored.length - 20, stored.length - 1}) {
            behind(fixture, "PUT", "forged", headers, flip(stored, at));
            assertRefused(fixture, "forged", 200);
        }
        behind(fixture, "PUT", "forged", headers, Arrays.copyOf(stored, second));
        // HEAD sees a size that could be; only the manifest, under the data key, says that it is not.
        assertRefused(fixture, "forged", 200);
        byte[] gone = new byte[stored.length - 1];
        System.arraycopy(stored, 1, gone, 0, gone.length);
        behind(fixture, "PUT", "forged", headers, gone);
        assertThat(send(fixture, "GET", "forged", Map.of()).statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void asksTheStoreOnceForARangeOnceTheManifestIsKnown(Fixture fixture) throws Exception {
        put(fixture, "known");
        Map<String, String> range = Map.of("range", "bytes=6000000-6000100");
        byte[] expected = Arrays.copyOfRange(content, 6_000_000, 6_000_101);
        List<String> requests = fixture.server().requests;
        requests.clear();
        assertThat(send(fixture, "GET", "known", range).body()).isEqualTo(expected);
        assertThat(requests).hasSize(3);
        requests.clear();
        assertThat(send(fixture, "GET", "known", range).body()).isEqualTo(expected);
        assertThat(requests).hasSize(1);

        byte[] other = random(7_000_000);
        assertThat(put(fixture, "known", other, Map.of()).statusCode()).isEqualTo(200);
        assertThat(send(fixture, "GET", "known", range).body())
                .as("replaced by a single object")
                .isEqualTo(Arrays.copyOfRange(other, 6_000_000, 6_000_101));
        assertThat(put(fixture, "known", random(10), Map.of()).statusCode()).isEqualTo(200);
        assertThat(send(fixture, "GET", "known", range).statusCode())
                .as("replaced by a short object")
                .isEqualTo(416);
        requests.clear();
        assertThat(send(fixture, "GET", "known", Map.of()).statusCode()).isEqualTo(200);
        assertThat(requests).containsExactly("GET whole");
    }

    /** Changes beyond the first segment are found when the answer is under way: it is cut short of its length. */
    private void cutOrRefused(Fixture fixture, Map<String, String> headers, byte[] stored) throws Exception {
        behind(fixture, "PUT", "forged", headers, stored);
        try {
            HttpResponse<byte[]> got = send(fixture, "GET", "forged", Map.of());
            assertThat(got.statusCode()).isEqualTo(403);
        } catch (java.io.IOException cut) {
            assertThat(cut).hasMessageMatching("(?s).*(fixed content-length|closed|EOF|received no bytes|reset).*");
        }
    }

    private static byte[] flip(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= 4;
        return flipped;
    }

    private void put(Fixture fixture, String key) {
        Map<String, String> headers = new HashMap<>();
        byte[] stored = build(fixture, key, headers);
        assertThat(stored).hasSize((int) SizeFormula.storedSize(content.length));
        behind(fixture, "PUT", key, headers, stored);
    }

    private byte[] build(Fixture fixture, String key, Map<String, String> headers) {
        EncryptionContext context = EncryptionContext.of("aws:s3:arn", "arn:aws:s3:::" + BUCKET + '/' + key);
        DataKey made = fixture.server().kms.generateDataKey(ObjectServer.CALL, FakeKms.KEY_ARN, context, 32);
        SealingKey sealing = new SealingKey(
                new ObjectKeys(Plan.AES_256_GCM, Id128.random()),
                made.plaintext(),
                WrappedKey.byKms(made.wrapped()),
                new SseFacts(SseAlgorithm.KMS, FakeKms.KEY_ARN, EncryptionContext.EMPTY, false),
                AuditReceipt.DONE);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        List<ManifestEntry> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < LENGTHS.length; i++) {
            Id128 nonce = Id128.random();
            stored.writeBytes(new PartHeader(NUMBERS[i], nonce).encode());
            byte[] sealed = new byte[65_552];
            try (Sealer sealer = sealing.keys().sealer(sealing.dataKey(), NUMBERS[i], nonce)) {
                for (int at = 0; at < LENGTHS[i]; at += 65_536) {
                    int count = Math.min(65_536, LENGTHS[i] - at);
                    int written = sealer.seal(content, from + at, count, at + count == LENGTHS[i], sealed, 0);
                    stored.write(sealed, 0, written);
                }
            }
            parts.add(new ManifestEntry(NUMBERS[i], nonce, LENGTHS[i], crc(content, from, LENGTHS[i])));
            from += LENGTHS[i];
        }
        ContentFacts facts = new ContentFacts(
                List.of(new ContentFacts.Checksum(ChecksumAlgorithm.CRC64NVME, false, crc(content, 0, content.length))),
                null);
        Manifest manifest = new Manifest(parts, ChecksumAlgorithm.CRC64NVME, facts);
        stored.writeBytes(manifest.sealTail(sealing.dataKey(), sealing.keys()));
        ObjectMetadata metadata =
                ObjectMetadata.multipart(sealing.keys(), sealing.commitment(), sealing.sse(), sealing.wrapped(), null);
        headers.put("content-type", "binary/octet-stream");
        headers.put(ObjectMetadata.HEADER, fixture.server().codec.encode(metadata, BUCKET, key, headers));
        return stored.toByteArray();
    }

    private static String crc(byte[] bytes, int offset, int length) {
        RunningChecksum checksum = RunningChecksum.of(ChecksumAlgorithm.CRC64NVME);
        checksum.update(bytes, offset, length);
        return checksum.finishBase64();
    }
}
