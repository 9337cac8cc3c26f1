package dev.sallyport.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.s3.S3Exception;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigV4VerifierTest {
    private static final String NAME_BYTES = "abcXYZ019-_.~ !'()*&=+,;:@$/?#[]%\u00e4\u20ac\"<>";

    private enum Mode {
        HASHED,
        UNSIGNED,
        PRESIGNED,
        CHUNKED_SIGNED,
        CHUNKED_SIGNED_TRAILER,
        CHUNKED_UNSIGNED_TRAILER
    }

    private static Signing.Options options(Mode mode) {
        Signing.Options options = new Signing.Options();
        switch (mode) {
            case HASHED -> {}
            case UNSIGNED -> {
                options.payloadSigning = false;
                options.scheme = "https";
            }
            case PRESIGNED -> {
                options.presigned = true;
                options.payloadSigning = false;
                options.scheme = "https";
            }
            case CHUNKED_SIGNED -> options.chunked = true;
            case CHUNKED_SIGNED_TRAILER -> {
                options.chunked = true;
                options.checksum = true;
            }
            case CHUNKED_UNSIGNED_TRAILER -> {
                options.chunked = true;
                options.checksum = true;
                options.payloadSigning = false;
                options.scheme = "https";
            }
        }
        return options;
    }

    private static void randomise(Signing.Options options, Random random) {
        StringBuilder key = new StringBuilder("/bucket/");
        for (int i = random.nextInt(20); i >= 0; i--) {
            int at = random.nextInt(NAME_BYTES.length());
            key.append(UriText.encode(NAME_BYTES.substring(at, at + 1), true));
        }
        if (random.nextInt(5) == 0) {
            key.append("//a/../b/./c");
        }
        String separator = "?";
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(NAME_BYTES.length());
            key.append(separator)
                    .append((char) ('a' + random.nextInt(26)))
                    .append(i)
                    .append('=');
            key.append(UriText.encode(NAME_BYTES.substring(at, at + 1), false));
            separator = "&";
        }
        options.target = key.toString();
        options.body = new byte[random.nextInt(4) == 0 ? random.nextInt(400_000) : random.nextInt(3000)];
        random.nextBytes(options.body);
        if (random.nextBoolean()) {
            options.headers.set("x-amz-meta-note", "two   blanks \t and a tab");
        }
        if (random.nextBoolean()) {
            options.headers.set("Content-Type", "text/plain; charset=utf-8");
        }
    }

    private static RecordingSink flow(VerifiedRequest verified, byte[] wire, Random random) {
        RecordingSink sink = new RecordingSink();
        ByteSink in = verified.bodyVerifier().apply(sink);
        int at = 0;
        while (at < wire.length) {
            int length = Math.min(wire.length - at, 1 + random.nextInt(random.nextBoolean() ? 20 : 70_000));
            ByteBuf piece = Unpooled.copiedBuffer(wire, at, length);
            if (random.nextBoolean()) {
                piece = Unpooled.directBuffer(length).writeBytes(piece);
            }
            in.write(piece);
            at += length;
        }
        in.complete();
        return sink;
    }

    @Test
    void acceptsWhatTheSdkSignsInEveryForm() {
        Random random = new Random(20261124);
        for (Mode mode : Mode.values()) {
            for (int round = 0; round < 60; round++) {
                Signing.Options options = options(mode);
                randomise(options, random);
                Signing.Signed signed = options.sign();
                VerifiedRequest verified = Signing.verifier().verifyS3(signed.exchange());
                assertThat(verified.caller()).isEqualTo(Signing.ALICE);
                assertThat(verified.presigned()).isEqualTo(mode == Mode.PRESIGNED);
                assertThat(verified.decodedLength()).isEqualTo(options.body.length);
                RecordingSink sink = flow(verified, signed.wire(), random);
                assertThat(sink.failure).as("%s %s", mode, options.target).isNull();
                assertThat(sink.completed).isTrue();
                assertThat(sink.bytes.toByteArray()).isEqualTo(options.body);
                if (options.checksum) {
                    assertThat(verified.trailers()).containsOnlyKeys("x-amz-checksum-crc32");
                }
            }
        }
    }

    @Test
    void headersAreSignedByTheirBytesWhateverTheirCharset() {
        String note = "Gr\u00fc\u00dfe \u20ac";
        Signing.Options options = new Signing.Options();
        options.headers.set("x-amz-meta-note", note);
        Signing.Signed signed = options.sign();
        // On the wire it is UTF-8, which the HTTP decoder gives byte by byte.
        signed.exchange()
                .headers()
                .set("x-amz-meta-note", new String(note.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        assertThat(Signing.verifier().verifyS3(signed.exchange()).caller()).isEqualTo(Signing.ALICE);
        signed.exchange().headers().set("x-amz-meta-note", "Gr\u00fc\u00dfe");
        AuthException refused = catchThrowableOfType(
                AuthException.class, () -> Signing.verifier().verifyS3(signed.exchange()));
        assertThat(refused.code()).isEqualTo("SignatureDoesNotMatch");
    }

    @Test
    void whoeverClaimsToBeNobodyIsRefusedBeforeTheBodyIsRead() {
        Signing.Options options = new Signing.Options();
        options.method = "POST";
        options.target = "/";
        options.service = "kms";
        options.body = "{}".getBytes(StandardCharsets.US_ASCII);
        // FakeExchange fails whoever asks for its body.
        Signing.verifier().verifyClaim(options.sign().exchange(), AwsService.KMS);
        options.accessKeyId = "AKIANOBODY";
        Signing.Signed unknown = options.sign();
        AuthException refused = catchThrowableOfType(
                AuthException.class, () -> Signing.verifier().verifyClaim(unknown.exchange(), AwsService.KMS));
        assertThat(refused.code()).isEqualTo("UnrecognizedClientException");
        options.accessKeyId = Signing.ID;
        options.time = Signing.NOW.minus(Duration.ofHours(1));
        Signing.Signed old = options.sign();
        refused = catchThrowableOfType(
                AuthException.class, () -> Signing.verifier().verifyClaim(old.exchange(), AwsService.KMS));
        assertThat(refused.code()).isEqualTo("InvalidSignatureException");
    }

    @Test
    void theSdkUsesTheFormsThatThisTestMeans() {
        assertThat(contentSha256(Mode.UNSIGNED)).isEqualTo("UNSIGNED-PAYLOAD");
        assertThat(contentSha256(Mode.CHUNKED_SIGNED)).isEqualTo("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        assertThat(contentSha256(Mode.CHUNKED_SIGNED_TRAILER)).isEqualTo("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
        assertThat(contentSha256(Mode.CHUNKED_UNSIGNED_TRAILER)).isEqualTo("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        assertThat(contentSha256(Mode.HASHED)).matches("[0-9a-f]{64}");
    }

    private static String contentSha256(Mode mode) {
        Signing.Options options = options(mode);
        options.body = new byte[] {1};
        return options.sign().exchange().headers().get("x-amz-content-sha256");
    }

    @Test
    void acceptsWhatItsOwnSignerSigns() {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("x-amz-meta-a", "b  c").set("Content-Type", "text/plain");
        signer().sign(
                        "GET",
                        "store:9000",
                        "/b/k%20%C3%A4",
                        "list-type=2&prefix=a%2Fb",
                        headers,
                        SigV4.EMPTY_SHA256,
                        Signing.NOW);
        VerifiedRequest verified = Signing.verifier()
                .verifyS3(new FakeExchange("GET", "/b/k%20%C3%A4?list-type=2&prefix=a%2Fb", headers, 0));
        assertThat(verified.caller()).isEqualTo(Signing.ALICE);
    }

    @Test
    void refusesAnyChangeOfTheSignedHead() {
        for (Mode mode : Mode.values()) {
            Signing.Options options = options(mode);
            options.target = "/bucket/key?a=b";
            options.body = new byte[] {1, 2, 3};
            FakeExchange good = options.sign().exchange();
            HttpHeaders otherHost = copy(good.headers()).set("Host", "evil.example.org");
            assertMismatch(new FakeExchange(good.method(), good.rawTarget(), otherHost, good.contentLength()));
            assertMismatch(new FakeExchange("POST", good.rawTarget(), good.headers(), good.contentLength()));
            assertMismatch(new FakeExchange(
                    good.method(), good.rawTarget().replace("/key", "/kez"), good.headers(), good.contentLength()));
            assertMismatch(new FakeExchange(
                    good.method(), good.rawTarget().replace("a=b", "a=c"), good.headers(), good.contentLength()));
        }
    }

    private static void assertMismatch(FakeExchange exchange) {
        AuthException e = catchThrowableOfType(
                AuthException.class, () -> Signing.verifier().verifyS3(exchange));
        assertThat(e.code()).isEqualTo("SignatureDoesNotMatch");
        assertThat(e.status()).isEqualTo(403);
        assertThat(e.details())
                .containsOnlyKeys(
                        "AWSAccessKeyId",
                        "StringToSign",
                        "SignatureProvided",
                        "StringToSignBytes",
                        "CanonicalRequest",
                        "CanonicalRequestBytes");
    }

    private static HttpHeaders copy(HttpHeaders headers) {
        return new DefaultHttpHeaders().add(headers);
    }

    @Test
    void refusesAnyFlippedByteOfASignedBody() {
        Random random = new Random(7);
        for (Mode mode : new Mode[] {Mode.HASHED, Mode.CHUNKED_SIGNED, Mode.CHUNKED_SIGNED_TRAILER}) {
            Signing.Options options = options(mode);
            options.body = new byte[300_000];
            random.nextBytes(options.body);
            Signing.Signed signed = options.sign();
            for (int round = 0; round < 40; round++) {
                byte[] wire = signed.wire();
                wire[round == 0 ? 0 : random.nextInt(wire.length)] ^= (byte) (1 << random.nextInt(8));
                RecordingSink sink = flow(Signing.verifier().verifyS3(signed.exchange()), wire, random);
                boolean harmless = java.util.Arrays.equals(sink.bytes.toByteArray(), options.body);
                // the case of a hex digit is no content
                assertThat(sink.completed && !harmless).isFalse();
                if (!harmless) {
                    assertThat(sink.failure).isInstanceOf(S3Exception.class);
                }
            }
        }
    }

    @Test
    void refusesATruncatedChunkedBodyAtEveryLength() {
        for (Mode mode : new Mode[] {Mode.CHUNKED_SIGNED, Mode.CHUNKED_SIGNED_TRAILER, Mode.CHUNKED_UNSIGNED_TRAILER}) {
            Signing.Options options = options(mode);
            options.body = "hello, world".getBytes(StandardCharsets.US_ASCII);
            Signing.Signed signed = options.sign();
            byte[] wire = signed.wire();
            for (int length = 0; length < wire.length - 2; length++) {
                RecordingSink sink = new RecordingSink();
                ByteSink in = Signing.verifier()
                        .verifyS3(signed.exchange())
                        .bodyVerifier()
                        .apply(sink);
                in.write(Unpooled.copiedBuffer(wire, 0, length));
                in.complete();
                assertThat(sink.completed)
                        .as("%s %d of %d", mode, length, wire.length)
                        .isFalse();
                assertThat(sink.failure).isInstanceOf(S3Exception.class);
            }
        }
    }

    @Test
    void namesAWrongBodyHash() {
        Signing.Options options = options(Mode.HASHED);
        options.body = new byte[] {1};
        RecordingSink sink =
                flow(Signing.verifier().verifyS3(options.sign().exchange()), new byte[] {2}, new Random(1));
        assertThat(sink.failure).isInstanceOfSatisfying(S3Exception.class, e -> {
            assertThat(e.code()).isEqualTo("XAmzContentSHA256Mismatch");
            assertThat(e.details()).containsKeys("ClientComputedContentSHA256", "S3ComputedContentSHA256");
        });
    }

    @Test
    void takesALengthOnlyFromDecodedContentLength() {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("Content-Encoding", "gzip, aws-chunked")
                .set("x-amz-decoded-content-length", "3")
                .set("x-amz-trailer", "x-amz-checksum-crc32");
        signer().sign("PUT", "h", "/b/k", "", headers, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", Signing.NOW);
        FakeExchange exchange = new FakeExchange("PUT", "/b/k", headers, -1);
        VerifiedRequest verified = Signing.verifier().verifyS3(exchange);
        assertThat(verified.decodedLength()).isEqualTo(3);
        assertThat(verified.contentEncoding()).isEqualTo("gzip");
        byte[] wire = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32: NSRBwg==\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        RecordingSink sink = flow(verified, wire, new Random(3));
        assertThat(sink.completed).isTrue();
        assertThat(sink.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("abc");
        assertThat(verified.trailers()).containsExactly(java.util.Map.entry("x-amz-checksum-crc32", "NSRBwg=="));

        headers.remove("x-amz-decoded-content-length");
        signer().sign("PUT", "h", "/b/k", "", headers, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", Signing.NOW);
        assertRefused(AwsService.S3, exchange, 411, "MissingContentLength");
    }

    private static SigV4Signer signer() {
        return new SigV4Signer(
                Signing.ID,
                dev.sallyport.kms.crypto.SecretBytes.copyOf(Signing.SECRET.getBytes(StandardCharsets.US_ASCII)),
                "us-east-1",
                "s3");
    }

    @ParameterizedTest
    @CsvSource({
        "S3,  403, RequestTimeTooSkewed,       403, InvalidAccessKeyId,           400, AuthorizationHeaderMalformed, 400, InvalidToken",
        "KMS, 400, InvalidSignatureException,  400, UnrecognizedClientException,  400, InvalidSignatureException,    400, UnrecognizedClientException",
        "STS, 403, SignatureDoesNotMatch,      403, InvalidClientTokenId,         403, SignatureDoesNotMatch,        403, InvalidClientTokenId"
    })
    void refusesInTheServicesOwnWords(
            AwsService service,
            int skewStatus,
            String skew,
            int unknownStatus,
            String unknown,
            int regionStatus,
            String region,
            int tokenStatus,
            String token) {
        for (Duration off : new Duration[] {Duration.ofSeconds(901), Duration.ofSeconds(-901)}) {
            Signing.Options skewed = forService(service);
            skewed.time = Signing.NOW.plus(off);
            assertRefused(service, skewed.sign().exchange(), skewStatus, skew);
            skewed.time = Signing.NOW.plus(off.dividedBy(901).multipliedBy(900));
            verify(service, skewed.sign().exchange());
        }
        Signing.Options stranger = forService(service);
        stranger.accessKeyId = "AKIAUNKNOWNUNKNOWN00";
        assertRefused(service, stranger.sign().exchange(), unknownStatus, unknown);

        Signing.Options abroad = forService(service);
        abroad.region = "us-west-2";
        assertRefused(service, abroad.sign().exchange(), regionStatus, region);
        abroad.region = "eu-central-1";
        verify(service, abroad.sign().exchange());

        Signing.Options session = forService(service);
        session.headers.set("X-Amz-Security-Token", "t");
        assertRefused(service, session.sign().exchange(), tokenStatus, token);
    }

    private static Signing.Options forService(AwsService service) {
        Signing.Options options = options(Mode.HASHED);
        options.service = service.scopeName();
        if (service != AwsService.S3) {
            options.method = "POST";
            options.target = "/";
        }
        return options;
    }

    private static VerifiedRequest verify(AwsService service, FakeExchange exchange) {
        return service == AwsService.S3
                ? Signing.verifier().verifyS3(exchange)
                : Signing.verifier().verify(exchange, service, new byte[0]);
    }

    private static AuthException assertRefused(AwsService service, FakeExchange exchange, int status, String code) {
        AuthException e = catchThrowableOfType(AuthException.class, () -> verify(service, exchange));
        assertThat(e).isNotNull();
        assertThat(e.code()).isEqualTo(code);
        assertThat(e.status()).isEqualTo(status);
        assertThat(e.service()).isEqualTo(service);
        return e;
    }

    @Test
    void coversTheBodyOfAServiceRequest() {
        Signing.Options options = forService(AwsService.KMS);
        options.body = "{}".getBytes(StandardCharsets.US_ASCII);
        options.headers.set("X-Amz-Target", "TrentService.ListKeys").set("Content-Type", "application/x-amz-json-1.1");
        FakeExchange exchange = options.sign().exchange();
        assertThat(SigV4Verifier.serviceOf(exchange)).isEqualTo(AwsService.KMS);
        assertThat(Signing.verifier()
                        .verify(exchange, AwsService.KMS, options.body)
                        .service())
                .isEqualTo("kms");
        AuthException e = catchThrowableOfType(
                AuthException.class, () -> Signing.verifier().verify(exchange, AwsService.KMS, new byte[] {'x'}));
        assertThat(e.code()).isEqualTo("InvalidSignatureException");
    }

    @Test
    void normalisesAndEncodesTwiceForServicesOtherThanS3() {
        for (String target : new String[] {"/a//b/../c/%C3%A4%20x/", "/./", "/a/b?x=y%20z"}) {
            Signing.Options options = forService(AwsService.STS);
            options.target = target;
            verify(AwsService.STS, options.sign().exchange());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s3",
                "Credential",
                "Credential=",
                "Credential=a",
                "Credential=a/b/c/d/e",
                "Credential=AKIA/20261124/us-east-1/s3/aws4_request",
                "Credential=AKIA/20261124/us-east-1/s3/aws4_request, SignedHeaders=host",
                "Credential=AKIA/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=zz",
                "Credential=AKIA/2026/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + SIG,
                "Credential=AKIA/20261124/us-east-1/s3/aws3_request, SignedHeaders=host, Signature=" + SIG,
                "Credential=AKIA/20261124/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=" + SIG,
                "Credential=AKIA/20261124/us-east-1/s3/aws4_request, SignedHeaders=Host, Signature=" + SIG,
                "Credential=AKIA/20261124/us-east-1/s3/aws4_request, SignedHeaders=host;host, Signature=" + SIG,
                "Credential=AKIA/20261124/us-east-1/s3/aws4_request, SignedHeaders=, Signature=" + SIG,
                "Credential=AKIA/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + SIG + ", X=y",
            })
    void saysWhatIsMalformed(String parameters) {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("Host", "h").set("Authorization", "AWS4-HMAC-SHA256 " + parameters);
        assertRefused(AwsService.S3, new FakeExchange("GET", "/b", headers, 0), 400, "AuthorizationHeaderMalformed");
        assertRefused(AwsService.KMS, new FakeExchange("GET", "/b", headers, 0), 400, "IncompleteSignatureException");
    }

    private static final String SIG = "0000000000000000000000000000000000000000000000000000000000000000";

    @Test
    void refusesEverythingElseByName() {
        FakeExchange anonymous = new FakeExchange("GET", "/b/k", new DefaultHttpHeaders().set("Host", "h"), 0);
        assertRefused(AwsService.S3, anonymous, 403, "AccessDenied");
        assertRefused(AwsService.KMS, anonymous, 400, "MissingAuthenticationTokenException");
        assertRefused(AwsService.STS, anonymous, 403, "MissingAuthenticationToken");
        assertThat(withAuthorization("AWS AKIA:c2ln").getMessage()).contains("Signature Version 2");
        assertThat(withAuthorization("AWS4-ECDSA-P256-SHA256 Credential=x").getMessage())
                .contains("Signature Version 4A");
        assertThat(withAuthorization("Bearer abc").code()).isEqualTo("InvalidRequest");
        FakeExchange v2 =
                new FakeExchange("GET", "/b/k?AWSAccessKeyId=A&Signature=x&Expires=1", anonymous.headers(), 0);
        assertThat(assertRefused(AwsService.S3, v2, 400, "InvalidRequest").getMessage())
                .contains("Signature Version 2");
        FakeExchange signed = options(Mode.PRESIGNED).sign().exchange();
        signed.headers().set("Authorization", "AWS4-HMAC-SHA256 x");
        assertRefused(AwsService.S3, signed, 400, "InvalidArgument");
    }

    private static AuthException withAuthorization(String value) {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("Host", "h").set("Authorization", value);
        return assertRefused(AwsService.S3, new FakeExchange("GET", "/b/k", headers, 0), 400, "InvalidRequest");
    }

    @Test
    void refusesUnsignedAmzHeaders() {
        FakeExchange exchange = options(Mode.HASHED).sign().exchange();
        exchange.headers().set("x-amz-server-side-encryption", "aws:kms");
        AuthException e = assertRefused(AwsService.S3, exchange, 403, "AccessDenied");
        assertThat(e.details()).containsEntry("HeadersNotSigned", "x-amz-server-side-encryption");
    }

    @Test
    void needsThePayloadHash() {
        FakeExchange exchange = options(Mode.HASHED).sign().exchange();
        exchange.headers().remove("x-amz-content-sha256");
        assertRefused(AwsService.S3, exchange, 400, "InvalidRequest");
        exchange.headers().set("x-amz-content-sha256", "nonsense");
        assertRefused(AwsService.S3, exchange, 400, "InvalidArgument");
    }

    @Test
    void holdsPresignedUrlsToTheirTime() {
        Signing.Options options = options(Mode.PRESIGNED);
        options.lifetime = Duration.ofMinutes(10);
        FakeExchange exchange = options.sign().exchange();
        Signing.verifier(Signing.NOW.plusSeconds(600)).verifyS3(exchange);
        AuthException late = catchThrowableOfType(
                AuthException.class,
                () -> Signing.verifier(Signing.NOW.plusSeconds(601)).verifyS3(exchange));
        assertThat(late.code()).isEqualTo("AccessDenied");
        assertThat(late.getMessage()).isEqualTo("Request has expired");
        AuthException early = catchThrowableOfType(
                AuthException.class,
                () -> Signing.verifier(Signing.NOW.minusSeconds(901)).verifyS3(exchange));
        assertThat(early.getMessage()).isEqualTo("Request is not valid yet");
        FakeExchange longer = new FakeExchange(
                "PUT",
                exchange.rawTarget().replace("X-Amz-Expires=600", "X-Amz-Expires=604801"),
                exchange.headers(),
                0);
        assertRefused(AwsService.S3, longer, 400, "AuthorizationQueryParametersError");
        FakeExchange negative = new FakeExchange(
                "PUT", exchange.rawTarget().replace("X-Amz-Expires=600", "X-Amz-Expires=-1"), exchange.headers(), 0);
        assertRefused(AwsService.S3, negative, 400, "AuthorizationQueryParametersError");
        FakeExchange missing = new FakeExchange(
                "PUT", exchange.rawTarget().replace("X-Amz-Expires=600", "y=1"), exchange.headers(), 0);
        assertRefused(AwsService.S3, missing, 400, "AuthorizationQueryParametersError");
    }

    @Test
    void namesTheRegionThatItExpects() {
        Signing.Options options = options(Mode.HASHED);
        options.region = "ap-south-1";
        AuthException e = assertRefused(AwsService.S3, options.sign().exchange(), 400, "AuthorizationHeaderMalformed");
        assertThat(e.details()).containsEntry("Region", "us-east-1");
        assertThat(e.getMessage())
                .isEqualTo("The authorization header is malformed; the region 'ap-south-1' is wrong; expecting"
                        + " 'us-east-1'");
    }

    @Test
    void refusesSmallSignedChunksBeforeTheLast() {
        ByteSink unsigned = new AwsChunkedSink(2, null, null, trailers -> {}, new RecordingSink());
        unsigned.write(Unpooled.copiedBuffer("1\r\na\r\n1\r\nb\r\n0\r\n\r\n", StandardCharsets.US_ASCII));
        unsigned.complete();
        RecordingSink sink = new RecordingSink();
        String first = signature("a");
        ByteSink in = new AwsChunkedSink(
                2, new ChunkSignatures(new byte[32], "20261124T000000Z", "scope", SIG), null, trailers -> {}, sink);
        in.write(Unpooled.copiedBuffer(
                "1;chunk-signature=" + first + "\r\na\r\n1;chunk-signature=" + SIG + "\r\n",
                StandardCharsets.US_ASCII));
        assertThat(sink.failure)
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.code()).isEqualTo("InvalidChunkSizeError"));
    }

    private static String signature(String data) {
        return SigV4.hex(SigV4.hmac(
                new byte[32],
                "AWS4-HMAC-SHA256-PAYLOAD\n20261124T000000Z\nscope\n" + SIG + "\n" + SigV4.EMPTY_SHA256 + "\n"
                        + SigV4.sha256Hex(data.getBytes(StandardCharsets.US_ASCII))));
    }
}
