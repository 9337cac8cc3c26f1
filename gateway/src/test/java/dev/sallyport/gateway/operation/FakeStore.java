package dev.sallyport.gateway.operation;

import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.BackendUpload;
import dev.sallyport.gateway.flow.ByteSource;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A store that a test scripts, and that keeps what it was asked. */
public final class FakeStore implements Backend {
    private final Function<BackendRequest, Answer> script;
    private final List<BackendRequest> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());

    public FakeStore(Function<BackendRequest, Answer> script) {
        this.script = script;
    }

    /** What the store answers. */
    public record Answer(int status, HttpHeaders headers, String body) {
        public static Answer of(int status, String body) {
            return new Answer(status, new DefaultHttpHeaders(), body);
        }

        public static Answer error(int status, String code) {
            return of(status, "<Error><Code>" + code + "</Code><Message>of the store</Message></Error>");
        }

        public Answer with(String name, String value) {
            headers.set(name, value);
            return this;
        }
    }

    public List<BackendRequest> requests() {
        return List.copyOf(requests);
    }

    public List<String> bodies() {
        return List.copyOf(bodies);
    }

    /** Method and path of each request, in order. */
    public List<String> lines() {
        return requests().stream()
                .map(r -> r.method() + " /" + (r.bucket() == null ? "" : r.bucket())
                        + (r.key() == null ? "" : "/" + r.key())
                        + (r.query().isEmpty()
                                ? ""
                                : r.query().stream()
                                        .map(pair -> pair.name() + "=" + pair.value())
                                        .collect(Collectors.joining("&", "?", ""))))
                .toList();
    }

    @Override
    public BackendResponse execute(EventLoop loop, BackendRequest request, byte[] body) {
        requests.add(request);
        bodies.add(new String(body, StandardCharsets.UTF_8));
        Answer answer = script.apply(request);
        byte[] content = answer.body().getBytes(StandardCharsets.UTF_8);
        return new BackendResponse() {
            @Override
            public int status() {
                return answer.status();
            }

            @Override
            public HttpHeaders headers() {
                return answer.headers();
            }

            @Override
            public ByteSource body() {
                return FakeExchange.source(content);
            }

            @Override
            public byte[] readBody(int limit) {
                if (content.length > limit) {
                    throw new BackendUnavailableException("over the limit");
                }
                return content;
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }

    @Override
    public BackendUpload upload(EventLoop loop, BackendRequest request, long contentLength) {
        throw new AssertionError("nothing is uploaded here");
    }
}
