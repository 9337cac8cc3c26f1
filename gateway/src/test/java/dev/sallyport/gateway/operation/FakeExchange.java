package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.auth.VerifiedRequest;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request in memory, which keeps its answer. */
public final class FakeExchange implements Exchange {
    private static final EventLoop LOOP = new DefaultEventLoop();

    private final String method;
    private final String target;
    private final HttpHeaders headers = new DefaultHttpHeaders().set("host", "localhost");
    private final byte[] body;
    private int status;
    private HttpHeaders answerHeaders = new DefaultHttpHeaders();
    private byte[] answer = new byte[0];
    private final List<HttpHeaders> held = new ArrayList<>();

    public FakeExchange(String method, String target, byte[] body) {
        this.method = method;
        this.target = target;
        this.body = body.clone();
    }

    public FakeExchange(String method, String target) {
        this(method, target, new byte[0]);
    }

    public FakeExchange with(String name, String value) {
        headers.add(name, value);
        return this;
    }

    public int status() {
        return status;
    }

    public HttpHeaders answerHeaders() {
        return answerHeaders;
    }

    public String answer() {
        return new String(answer, StandardCharsets.UTF_8);
    }

    /** The headers of the answers that would begin if it took long. */
    public List<HttpHeaders> held() {
        return List.copyOf(held);
    }

    /** This request, authenticated. */
    public S3Call call() {
        return new S3Call(this, VERIFIED, context());
    }

    public static Caller caller() {
        return new Caller("arn:aws:iam::111122223333:user/alice", "111122223333", "AIDAEXAMPLE", "alice", "AK", null);
    }

    private static CallContext context() {
        return new CallContext(
                caller(),
                "us-east-1",
                "0123456789ABCDEF",
                "127.0.0.1",
                "test",
                false,
                null,
                null,
                "s3.us-east-1.amazonaws.com",
                List.of());
    }

    public static final VerifiedRequest VERIFIED = new VerifiedRequest() {
        @Override
        public Caller caller() {
            return FakeExchange.caller();
        }

        @Override
        public String service() {
            return "s3";
        }

        @Override
        public String region() {
            return "us-east-1";
        }

        @Override
        public boolean presigned() {
            return false;
        }

        @Override
        public long decodedLength() {
            return -1;
        }

        @Override
        public @Nullable String contentEncoding() {
            return null;
        }

        @Override
        public Function<ByteSink, ByteSink> bodyVerifier() {
            return sink -> sink;
        }

        @Override
        public Map<String, String> trailers() {
            return Map.of();
        }
    };

    @Override
    public String method() {
        return method;
    }

    @Override
    public String rawTarget() {
        return target;
    }

    @Override
    public HttpHeaders headers() {
        return headers;
    }

    @Override
    public String requestId() {
        return "0123456789ABCDEF";
    }

    @Override
    public InetSocketAddress remote() {
        return new InetSocketAddress("127.0.0.1", 40_000);
    }

    @Override
    public boolean secure() {
        return false;
    }

    @Override
    public @Nullable String tlsVersion() {
        return null;
    }

    @Override
    public @Nullable String tlsCipher() {
        return null;
    }

    @Override
    public EventLoop eventLoop() {
        return LOOP;
    }

    @Override
    public long contentLength() {
        return body.length;
    }

    @Override
    public ByteSource body() {
        return source(body);
    }

    static ByteSource source(byte[] bytes) {
        return new ByteSource() {
            @Override
            public EventLoop eventLoop() {
                return LOOP;
            }

            @Override
            public void start(ByteSink sink) {
                LOOP.execute(() -> {
                    sink.write(Unpooled.copiedBuffer(bytes));
                    sink.complete();
                });
            }

            @Override
            public void cancel() {
                // Nothing is held.
            }
        };
    }

    @Override
    public byte[] readBody(int limit) {
        return body.clone();
    }

    @Override
    public void respond(int answerStatus, HttpHeaders head, byte[] content) {
        if (status != 0) {
            throw new IllegalStateException("answered twice");
        }
        status = answerStatus;
        answerHeaders = head;
        answer = content.clone();
    }

    @Override
    public void hold(int answerStatus, HttpHeaders head, byte[] opening, Runnable before) {
        held.add(head.copy());
    }

    @Override
    public ByteSink respondStreaming(int answerStatus, HttpHeaders head, long contentLength) {
        throw new AssertionError("nothing streams here");
    }
}
