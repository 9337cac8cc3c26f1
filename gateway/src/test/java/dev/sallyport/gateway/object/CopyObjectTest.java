package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.backend.StoreCapabilities.OnTarget;
import dev.sallyport.gateway.bucket.BucketMode;
import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.bucket.BucketSettingsStore;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.bucket.MemoryKeyStore;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.MetadataCodec;
import dev.sallyport.gateway.format.MetadataMac;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.SealedFacts;
import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.operation.FakeStore;
import dev.sallyport.gateway.operation.FakeStore.Answer;
import dev.sallyport.gateway.s3.ObjectHeaders;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.S3RequestParser;
import dev.sallyport.gateway.sse.DefaultEncryption.Rule;
import dev.sallyport.gateway.sse.EncryptionPlan;
import dev.sallyport.gateway.sse.EncryptionPlanner;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.cache.KeyCacheLimits;
import dev.sallyport.kms.cache.KeyCacheMetrics;
import dev.sallyport.kms.crypto.Hmac;
import dev.sallyport.kms.crypto.SecretBytes;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CopyObjectTest {
    private static final String RESULT = "<CopyObjectResult><LastModified>2026-01-02T03:04:05.000Z</LastModified>"
            + "<ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag></CopyObjectResult>";

    private final FakeKms kms = new FakeKms();
    private final SecretBytes macKey = SecretBytes.random(32);
    private final MetadataCodec codec = new MetadataCodec(new MetadataMac() {
        @Override
        public int currentKey() {
            return 1;
        }

        @Override
        public byte @Nullable [] mac(int key, byte[] message) {
            return key == 1 ? Hmac.sha256(macKey, message) : null;
        }
    });
    private final KeyCacheLimits limits =
            new KeyCacheLimits(Duration.ofMinutes(1), 100, 1 << 20, Long.MAX_VALUE, Duration.ZERO);
    private final ObjectKeyring keyring =
            new ObjectKeyring(kms, new BucketKeys(kms, limits, Duration.ofMinutes(1), KeyCacheMetrics.NONE));
    private final BucketSettingsStore settings = new BucketSettingsStore(new MemoryKeyStore(), BucketMode.STRICT);
    private final Deque<Answer> copies = new ArrayDeque<>();
    private final HttpHeaders source = source();
    private String sourceEtag = "\"aaaa\"";
    private boolean conditional = true;
    private OnTarget put = OnTarget.BOTH;
    private boolean sourceBound = true;

    private final FakeStore store = new FakeStore(request -> {
        if (!request.method().equals("HEAD")) {
            return copies.remove();
        }
        if (request.key() == null) {
            return Answer.of(200, "");
        }
        return request.key().equals("missing")
                ? Answer.of(404, "")
                : new Answer(200, source.copy().set("etag", sourceEtag), "");
    });

    private HttpHeaders source() {
        HttpHeaders headers =
                StoreHeaders.forStore(new ObjectHeaders(Map.of("content-type", "text/x"), Map.of("a", "b"), null));
        EncryptionPlan plan = new EncryptionPlan("k", EncryptionContext.of("team", "x"), false);
        try (SealingKey key =
                keyring.create(new FakeExchange("PUT", "/from/k").call().context(), plan, "from", "k")) {
            byte[] facts = SealedFacts.seal(
                    key.dataKey(),
                    key.keys(),
                    new ContentFacts(
                            List.of(new ContentFacts.Checksum(ChecksumAlgorithm.CRC32, false, "AAAAAA==")), null));
            ObjectMetadata metadata =
                    ObjectMetadata.empty(key.keys(), key.commitment(), key.sse(), key.wrapped(), facts, null);
            StoreHeaders.seal(headers, codec, metadata, "from", "k");
        }
        kms.calls.clear();
        return headers.set("content-length", "0").set("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT");
    }

    private FakeExchange copy(String target, String from, String... headers) {
        FakeExchange exchange = new FakeExchange("PUT", target).with("x-amz-copy-source", from);
        for (int i = 0; i < headers.length; i += 2) {
            exchange.with(headers[i], headers[i + 1]);
        }
        BucketNames names = new BucketNames(Map.of("from", "store-from"), Set.of());
        ObjectStore objects = new ObjectStore(store, names);
        BucketStore buckets = new BucketStore(store, names);
        CopyObject operation = new CopyObject(
                objects,
                buckets,
                new ObjectReader(objects, keyring, codec),
                keyring,
                new EncryptionPlanner(settings),
                settings,
                codec,
                new ForeignObjects(bucket -> settings.mode(bucket) == BucketMode.MIXED),
                () -> new StoreCapabilities(
                        put, OnTarget.BOTH, conditional ? OnTarget.BOTH : OnTarget.NEITHER, true, sourceBound),
                Clock.systemUTC());
        var request = new S3RequestParser(List.of(), "111122223333").parse("PUT", target, exchange.headers());
        operation.handle(exchange.call(), (ObjectRequest.CopyObject) request);
        return exchange;
    }

    private S3Exception refusal(String target, String from, String... headers) {
        S3Exception refused = catchThrowableOfType(S3Exception.class, () -> copy(target, from, headers));
        assertThat(refused).isNotNull();
        return refused;
    }

    private BackendRequest sent() {
        return store.requests().getLast();
    }

    @Test
    void theStoreCopiesAndTheKeyIsWrappedForTheNewName() {
        copies.add(Answer.of(200, RESULT));
        FakeExchange exchange = copy("/target/t", "from/k");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.answer())
                .contains("<ETag>&quot;0123456789abcdef0123456789abcdef-1&quot;</ETag>")
                .contains("<ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType>");
        assertThat(exchange.answerHeaders().get("x-amz-server-side-encryption-aws-kms-key-id"))
                .isEqualTo(FakeKms.KEY_ARN);
        assertThat(exchange.answerHeaders().contains("x-amz-server-side-encryption-context"))
                .isFalse();
        assertThat(kms.calls).containsExactly("Decrypt arn:aws:s3:::from/k", "Encrypt arn:aws:s3:::target/t");
        assertThat(sent().headers().get("x-amz-copy-source")).isEqualTo("/store-from/k");
        assertThat(sent().headers().get("x-amz-copy-source-if-match")).isEqualTo("\"aaaa\"");
        assertThat(sent().headers().get("x-amz-metadata-directive")).isEqualTo("REPLACE");
        assertThat(sent().headers().get("x-amz-meta-a")).isEqualTo("b");
        ObjectMetadata metadata = StoreHeaders.open(sent().headers(), codec, "target", "t");
        // Never the source's encryption: its context is gone.
        assertThat(metadata.sse().context().isEmpty()).isTrue();
        keyring.open(exchange.call().context(), metadata, "target", "t").close();
    }

    @Test
    void aReplacedSourceIsSeenAnew() {
        copies.add(Answer.error(412, "PreconditionFailed"));
        copies.add(Answer.of(200, RESULT));
        assertThat(copy("/target/t", "from/k").status()).isEqualTo(200);
        assertThat(store.lines())
                .containsExactly("HEAD /store-from/k", "PUT /target/t", "HEAD /store-from/k", "PUT /target/t");
    }

    @Test
    void aSourceThatIsAlwaysReplaced() {
        for (int i = 0; i < 3; i++) {
            copies.add(Answer.error(412, "PreconditionFailed"));
        }
        assertThat(refusal("/target/t", "from/k").code()).isEqualTo("SlowDown");
        assertThat(copies).isEmpty();
    }

    @Test
    void conditionsOnTheTarget() {
        copies.add(Answer.error(412, "PreconditionFailed"));
        S3Exception failed = refusal("/target/t", "from/k", "if-none-match", "*");
        assertThat(failed.details()).containsEntry("Condition", "If-None-Match");
        copies.add(Answer.error(404, "NoSuchKey"));
        S3Exception missing = refusal("/target/t", "from/k", "if-match", "\"bb-1\"");
        assertThat(missing.details()).containsEntry("Key", "t");
        assertThat(store.requests().stream()
                        .filter(request -> request.method().equals("PUT"))
                        .toList()
                        .getLast()
                        .headers()
                        .get("if-match"))
                .isEqualTo("\"bb\"");
    }

    @Test
    void conditionsThatTheStoreIgnoresOnACopyAreThoseOfAPut() {
        conditional = false;
        copies.add(Answer.error(412, "PreconditionFailed"));
        S3Exception failed = refusal("/target/t", "from/k", "if-none-match", "*");
        assertThat(failed.details()).containsEntry("Condition", "If-None-Match");
        assertThat(sent().headers().get("if-none-match")).isEqualTo("*");
        assertThat(sent().headers().contains("x-amz-copy-source")).isFalse();
        put = OnTarget.NEITHER;
        assertThat(refusal("/target/t", "from/k", "if-match", "\"bb-1\"").status())
                .isEqualTo(501);
    }

    @Test
    void conditionsOnTheSource() {
        S3Exception match = refusal("/target/t", "from/k", "x-amz-copy-source-if-match", "\"other\"");
        assertThat(match.details()).containsEntry("Condition", "x-amz-copy-source-If-Match");
        assertThat(kms.calls).isEmpty();
        copies.add(Answer.of(200, RESULT));
        assertThat(copy(
                                "/target/t",
                                "from/k",
                                "x-amz-copy-source-if-match",
                                "\"aaaa-1\"",
                                "x-amz-copy-source-if-unmodified-since",
                                "Sat, 01 Jan 2000 00:00:00 GMT")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void ontoItself() {
        assertThat(refusal("/from/k", "from/k"))
                .hasMessage(
                        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        settings.putEncryption("from", new Rule("other", false));
        copies.add(Answer.of(200, RESULT));
        assertThat(copy("/from/k", "from/k").status()).isEqualTo(200);
    }

    @Test
    void errorsInsideOfASuccess() {
        copies.add(Answer.of(200, "<Error><Code>SlowDown</Code><Message>m</Message></Error>"));
        assertThat(refusal("/target/t", "from/k").code()).isEqualTo("SlowDown");
    }

    @Test
    void checksums() {
        copies.add(Answer.of(200, RESULT));
        assertThat(copy("/target/t", "from/k", "x-amz-checksum-algorithm", "CRC32")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aSourceWithoutTheChecksumIsSealedAnewUnderAKeyOfItsOwn() {
        copies.add(Answer.of(200, "").with("etag", "\"cccc\"").with("date", "Fri, 02 Jan 2026 03:04:06 GMT"));
        FakeExchange exchange = copy("/target/t", "from/k", "x-amz-checksum-algorithm", "SHA256");
        assertThat(exchange.answer())
                .contains("<LastModified>2026-01-02T03:04:06.000Z</LastModified>", "<ETag>&quot;cccc-1&quot;</ETag>")
                .contains("<ChecksumSHA256>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ChecksumSHA256>")
                .doesNotContain("CRC32");
        assertThat(kms.calls).containsExactly("Decrypt arn:aws:s3:::from/k", "GenerateDataKey arn:aws:s3:::target/t");
        assertThat(sent().headers().contains("x-amz-copy-source")).isFalse();
        assertThat(sent().headers().get("x-amz-meta-a")).isEqualTo("b");
        assertThat(exchange.held().getFirst().get("x-amz-server-side-encryption-aws-kms-key-id"))
                .isEqualTo(FakeKms.KEY_ARN);
        ObjectMetadata metadata = StoreHeaders.open(sent().headers(), codec, "target", "t");
        ObjectMetadata before = StoreHeaders.open(source, codec, "from", "k");
        assertThat(metadata.keys().objectId()).isNotEqualTo(before.keys().objectId());
        assertThat(metadata.commitment()).isNotEqualTo(before.commitment());
    }

    @Test
    void aForeignSourceIsTakenAsItIsAndEncrypted() {
        source.remove(ObjectMetadata.HEADER);
        source.set("content-type", "Text/X; Charset=UTF-8").set("expires", "Fri, 02 Jan 2099 03:04:05 GMT");
        source.set("x-amz-website-redirect-location", "/elsewhere");
        settings.putMode("from", BucketMode.MIXED);
        copies.add(Answer.of(200, "").with("etag", "\"cccc\""));
        assertThat(copy("/target/t", "from/k").status()).isEqualTo(200);
        assertThat(kms.calls).containsExactly("GenerateDataKey arn:aws:s3:::target/t");
        assertThat(sent().headers().get("content-type")).isEqualTo("Text/X; Charset=UTF-8");
        assertThat(sent().headers().get("x-amz-meta-a")).isEqualTo("b");
        assertThat(sent().headers().contains("x-amz-website-redirect-location")).isFalse();
        assertThat(StoreHeaders.open(sent().headers(), codec, "target", "t").expires())
                .isEqualTo("Fri, 02 Jan 2099 03:04:05 GMT");
        assertThat(refusal("/target/t", "from/k", "x-amz-copy-source-if-match", "\"other\"")
                        .code())
                .isEqualTo("PreconditionFailed");
        source.set("x-amz-meta-sallyport-2", "x");
        assertThat(refusal("/target/t", "from/k").code()).isEqualTo("InvalidArgument");
        source.remove("x-amz-meta-sallyport-2").set("content-length", Long.toString((5L << 30) - 1));
        assertThat(refusal("/target/t", "from/k").code()).isEqualTo("InvalidRequest");
        assertThat(copies).isEmpty();
    }

    @Test
    void sourcesThatAreNone() {
        assertThat(refusal("/target/t", "from/missing").details()).containsEntry("Key", "missing");
        source.set(ObjectMetadata.HEADER, "forged");
        assertThat(refusal("/target/t", "from/k").code()).isEqualTo("AccessDenied");
        source.remove(ObjectMetadata.HEADER);
        assertThat(refusal("/target/t", "from/k").code()).isEqualTo("AccessDenied");
        assertThat(kms.calls).isEmpty();
    }

    @Test
    void aStoreThatWouldCopySomethingElseIsNotAskedTo() {
        sourceBound = false;
        copies.add(Answer.of(200, "").with("etag", "\"cccc\""));
        FakeExchange exchange = copy("/target/t", "from/k");
        assertThat(exchange.answer()).contains("<ChecksumCRC32>AAAAAA==</ChecksumCRC32>");
        assertThat(sent().headers().contains("x-amz-copy-source")).isFalse();
    }

    @Test
    void whoMayNotDecryptCopiesNothing() {
        kms.denied = true;
        assertThat(catchThrowableOfType(KmsException.class, () -> copy("/target/t", "from/k")))
                .isNotNull();
        assertThat(store.lines()).containsExactly("HEAD /store-from/k");
    }
}
