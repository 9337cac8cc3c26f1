package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.bucket.BucketNames;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.operation.FakeStore;
import dev.sallyport.gateway.operation.FakeStore.Answer;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.S3Exception;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeleteObjectsTest {
    private static final BucketNames NAMES = new BucketNames(Map.of(), Set.of());

    private static FakeExchange delete(FakeStore store, String objects) throws Exception {
        byte[] body = ("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + objects + "</Delete>")
                .getBytes(StandardCharsets.UTF_8);
        String md5 = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("MD5").digest(body));
        FakeExchange exchange = new FakeExchange("POST", "/bucket?delete", body);
        new DeleteObjects(
                        new BucketStore(store, NAMES),
                        (call, action, bucket, key, more) ->
                                "secret".equals(key) ? new S3Exception(403, "AccessDenied", action + " denied") : null)
                .handle(
                        exchange.call(),
                        new BucketRequest.DeleteObjects("bucket", new PayloadDigests(md5, null, null)));
        return exchange;
    }

    private static String object(String key) {
        return "<Object><Key>" + key + "</Key></Object>";
    }

    @Test
    void eachKeyByItself() throws Exception {
        FakeStore store = new FakeStore(request -> request.method().equals("POST")
                ? Answer.of(
                        200,
                        "<DeleteResult><Error><Key>c</Key><Code>InternalError</Code><Message>m</Message></Error></DeleteResult>")
                : Answer.of(204, ""));
        FakeExchange exchange = delete(
                store,
                object("a&amp;b") + object("secret") + object("c") + object("x\n")
                        + "<Object><Key>v</Key><VersionId>1</VersionId></Object>"
                        + "<Object><Key>n</Key><VersionId>null</VersionId></Object>");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.answer())
                .contains("<Deleted><Key>a&amp;b</Key></Deleted>")
                .contains("<Error><Key>secret</Key><Code>AccessDenied</Code><Message>s3:DeleteObject denied</Message>")
                .contains("<Error><Key>c</Key><Code>InternalError</Code>")
                .contains("<Deleted><Key>x\n</Key></Deleted>")
                .contains("<Error><Key>v</Key><VersionId>1</VersionId><Code>NotImplemented</Code>")
                .contains("<Deleted><Key>n</Key></Deleted>");
        assertThat(store.lines()).containsExactly("DELETE /bucket/x\n", "POST /bucket?delete=");
        assertThat(store.bodies().get(1))
                .contains("<Key>a&amp;b</Key>", "<Key>c</Key>", "<Key>n</Key>")
                .doesNotContain("secret", "<Key>v</Key>");
    }

    @Test
    void quietNamesErrorsOnly() throws Exception {
        FakeStore store = new FakeStore(request -> Answer.of(200, "<DeleteResult/>"));
        FakeExchange exchange = delete(store, "<Quiet>true</Quiet>" + object("a") + object("secret"));
        assertThat(exchange.answer()).contains("secret").doesNotContain("Deleted>");
    }

    @Test
    void bodiesThatAreRefused() throws Exception {
        FakeStore store = new FakeStore(request -> Answer.of(200, "<DeleteResult/>"));
        for (String wrong : new String[] {
            "",
            "<Object/>",
            "<Wrong/>",
            "<Object><Key></Key></Object>",
            IntStream.range(0, 1001).mapToObj(i -> object("k" + i)).collect(Collectors.joining())
        }) {
            S3Exception refused = catchThrowableOfType(S3Exception.class, () -> delete(store, wrong));
            assertThat(refused.code()).isEqualTo("MalformedXML");
        }
        FakeExchange exchange = new FakeExchange("POST", "/bucket?delete", new byte[0]);
        S3Exception noDigest = catchThrowableOfType(
                S3Exception.class,
                () -> new DeleteObjects(new BucketStore(store, NAMES), (call, action, bucket, key, more) -> null)
                        .handle(exchange.call(), new BucketRequest.DeleteObjects("bucket", PayloadDigests.NONE)));
        assertThat(noDigest.code()).isEqualTo("InvalidRequest");
        S3Exception wrongDigest = catchThrowableOfType(
                S3Exception.class,
                () -> new DeleteObjects(new BucketStore(store, NAMES), (call, action, bucket, key, more) -> null)
                        .handle(
                                exchange.call(),
                                new BucketRequest.DeleteObjects(
                                        "bucket", new PayloadDigests("AAAAAAAAAAAAAAAAAAAAAA==", null, null))));
        assertThat(wrongDigest.code()).isEqualTo("BadDigest");
        assertThat(store.requests()).isEmpty();
    }

    @Test
    void conditionsOnlyWhereTheStoreHeedsThem() {
        FakeStore store = new FakeStore(request -> Answer.of(204, ""));
        ObjectRequest.DeleteObject request = new ObjectRequest.DeleteObject("bucket", "k", "\"abc-1\"");
        S3Exception refused = catchThrowableOfType(
                S3Exception.class,
                () -> new DeleteObject(new BucketStore(store, NAMES), () -> false)
                        .handle(new FakeExchange("DELETE", "/bucket/k").call(), request));
        assertThat(refused.status()).isEqualTo(501);
        assertThat(store.requests()).isEmpty();
        FakeExchange exchange = new FakeExchange("DELETE", "/bucket/k");
        new DeleteObject(new BucketStore(store, NAMES), () -> true).handle(exchange.call(), request);
        assertThat(exchange.status()).isEqualTo(204);
        assertThat(store.requests().get(0).headers().get("if-match")).isEqualTo("\"abc\"");
    }
}
