package dev.sallyport.gateway.auth;

import dev.sallyport.kms.Caller;
import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.checksums.DefaultChecksumAlgorithm;
import software.amazon.awssdk.checksums.spi.ChecksumAlgorithm;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Requests signed by the AWS SDK's own signer. */
final class Signing {
    static final String ID = "AKIAIOSFODNN7EXAMPLE";
    static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    static final Instant NOW = Instant.parse("2026-11-24T19:22:13Z");
    static final Caller ALICE =
            new Caller("arn:aws:iam::000000000000:user/alice", "000000000000", "AIDAALICE", "alice", ID, null);
    private static final Credential CREDENTIAL =
            new Credential(ALICE, SecretBytes.copyOf(SECRET.getBytes(StandardCharsets.US_ASCII)));

    /** What was signed, and the body in its wire form. */
    static final class Signed {
        private final FakeExchange exchange;
        private final byte[] wire;

        Signed(FakeExchange exchange, byte[] wire) {
            this.exchange = exchange;
            this.wire = wire;
        }

        FakeExchange exchange() {
            return exchange;
        }

        byte[] wire() {
            return wire.clone();
        }
    }

    /** How. */
    static final class Options {
        String method = "PUT";
        String scheme = "http";
        String target = "/bucket/key";
        byte[] body = new byte[0];
        String service = "s3";
        String region = "us-east-1";
        Instant time = NOW;
        boolean presigned;
        boolean payloadSigning = true;
        boolean chunked;
        boolean checksum;
        Duration lifetime = Duration.ofHours(1);
        HttpHeaders headers = new DefaultHttpHeaders();
        String accessKeyId = ID;

        Signed sign() {
            SdkHttpRequest.Builder request = SdkHttpRequest.builder()
                    .method(SdkHttpMethod.fromValue(method))
                    .uri(URI.create(scheme + "://s3.example.org:9000" + target));
            headers.forEach(header -> request.appendHeader(header.getKey(), header.getValue()));
            request.putHeader("Content-Length", String.valueOf(body.length));
            SignedRequest signed = AwsV4HttpSigner.create().sign(builder -> {
                builder.request(request.build())
                        .identity(AwsCredentialsIdentity.create(accessKeyId, SECRET))
                        .payload(() -> new ByteArrayInputStream(body))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                        .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, !service.equals("s3"))
                        .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, !service.equals("s3"))
                        .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, payloadSigning)
                        .putProperty(AwsV4HttpSigner.CHUNK_ENCODING_ENABLED, chunked)
                        .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(time, ZoneOffset.UTC));
                if (checksum) {
                    ChecksumAlgorithm algorithm = DefaultChecksumAlgorithm.CRC32;
                    builder.putProperty(AwsV4HttpSigner.CHECKSUM_ALGORITHM, algorithm);
                }
                if (presigned) {
                    builder.putProperty(AwsV4HttpSigner.AUTH_LOCATION, AuthLocation.QUERY_STRING)
                            .putProperty(AwsV4HttpSigner.EXPIRATION_DURATION, lifetime);
                }
            });
            HttpHeaders sent = new DefaultHttpHeaders();
            signed.request().headers().forEach((name, values) -> sent.add(name, values));
            byte[] wire = signed.payload()
                    .map(payload -> {
                        try {
                            return payload.newStream().readAllBytes();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .orElse(body);
            String query =
                    signed.request().encodedQueryParameters().map(q -> "?" + q).orElse("");
            return new Signed(
                    new FakeExchange(method, signed.request().encodedPath() + query, sent, wire.length), wire);
        }
    }

    static SigV4Verifier verifier() {
        return verifier(NOW);
    }

    static SigV4Verifier verifier(Instant now) {
        return new SigV4Verifier(
                (id, at) -> id.equals(ID) ? Optional.of(CREDENTIAL) : Optional.empty(),
                List.of("us-east-1", "eu-central-1"),
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private Signing() {}
}
