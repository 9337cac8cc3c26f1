package dev.sallyport.gateway.http;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a client whose answer takes long: begins the answer when its time has come, and sends white space until the rest is
 * known. See {@link Exchange#hold}. All state belongs to the event loop.
 */
final class Hold {
    private static final Logger LOG = LoggerFactory.getLogger(Hold.class);

    private final EventLoop loop;
    private final Response response;
    private final Duration after;
    private @Nullable Future<?> next;
    private boolean asking;

    /** @param after how long nothing is sent, and how often white space is */
    Hold(EventLoop loop, Response response, Duration after) {
        this.loop = loop;
        this.response = response;
        this.after = after;
    }

    /** The latest call before the answer begins is the one that counts. */
    void arm(int status, HttpHeaders headers, byte[] opening, Runnable before) {
        if (response.begun() || response.failed() || asking) {
            return;
        }
        cancel();
        schedule(() -> ask(status, headers, opening, before));
    }

    private void cancel() {
        Future<?> waiting = next;
        next = null;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    private void schedule(Runnable step) {
        next = loop.schedule(
                () -> {
                    if (!response.ended() && !response.failed()) {
                        step.run();
                    }
                },
                after.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** What must come before the answer may block. */
    private void ask(int status, HttpHeaders headers, byte[] opening, Runnable before) {
        asking = true;
        Thread.ofVirtual().start(() -> {
            try {
                before.run();
            } catch (RuntimeException e) {
                LOG.debug("an answer is not begun: {}", e.getMessage());
                return;
            }
            loop.execute(() -> {
                if (!response.begun() && !response.failed()) {
                    response.hold(status, headers, opening);
                    schedule(this::space);
                }
            });
        });
    }

    private void space() {
        response.space();
        schedule(this::space);
    }

    /** The answer is here, or the exchange is over. */
    void end() {
        cancel();
    }
}
