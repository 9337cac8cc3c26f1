package dev.sallyport.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Whatever a client sends, the parsers answer with an error of theirs. */
class AuthFuzzTest {
    @FuzzTest(maxDuration = "30s")
    void decodesAnyAwsChunkedBody(FuzzedDataProvider data) {
        boolean signed = data.consumeBoolean();
        boolean trailer = data.consumeBoolean();
        long length = data.consumeLong(0, 100_000);
        RecordingSink sink = new RecordingSink();
        ByteSink in = new AwsChunkedSink(
                length,
                signed ? new ChunkSignatures(new byte[32], "20261124T000000Z", "scope", "seed") : null,
                trailer ? Set.of("x-amz-checksum-crc32") : null,
                trailers -> {},
                sink);
        while (data.remainingBytes() > 0) {
            in.write(Unpooled.wrappedBuffer(data.consumeBytes(data.consumeInt(1, 4096))));
        }
        in.complete();
        assertThat(sink.completed).isNotEqualTo(sink.failure != null);
        if (sink.completed) {
            assertThat(sink.bytes.size()).isEqualTo(length);
        } else {
            assertThat(sink.failure).isInstanceOf(S3Exception.class);
        }
    }

    @FuzzTest(maxDuration = "30s")
    void judgesAnyAuthorization(FuzzedDataProvider data) {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        headers.set("Host", "h");
        if (data.consumeBoolean()) {
            headers.set("Authorization", "AWS4-HMAC-SHA256 " + data.consumeString(500));
        }
        if (data.consumeBoolean()) {
            headers.set("x-amz-date", data.consumeString(20));
        }
        if (data.consumeBoolean()) {
            headers.set("x-amz-content-sha256", data.consumeString(70));
        }
        String target = "/b?" + new String(data.consumeRemainingAsBytes(), StandardCharsets.ISO_8859_1);
        FakeExchange exchange = new FakeExchange("GET", target, headers, 0);
        for (AwsService service : AwsService.values()) {
            try {
                if (service == AwsService.S3) {
                    Signing.verifier().verifyS3(exchange);
                } else {
                    Signing.verifier().verify(exchange, service, new byte[0]);
                }
                throw new AssertionError("nobody can sign without the secret");
            } catch (AuthException expected) {
                assertThat(expected.status()).isBetween(400, 501);
            }
        }
        assertThat(SigV4Verifier.serviceOf(exchange)).isNotNull();
    }
}
