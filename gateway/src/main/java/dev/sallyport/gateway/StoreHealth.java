package dev.sallyport.gateway;

import dev.sallyport.gateway.backend.Backend;
import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the store now and then whether it answers, and logs when that changes. */
final class StoreHealth implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);
    private static final Duration WELL = Duration.ofSeconds(10);
    private static final Duration ILL = Duration.ofSeconds(1);

    private final Backend backend;
    private final EventLoop loop;
    private final String url;
    private final CountDownLatch first = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable String problem = "not asked yet";

    StoreHealth(Backend backend, EventLoop loop, String url) {
        this.backend = backend;
        this.loop = loop;
        this.url = url;
        thread = Thread.ofVirtual().name("store-health").unstarted(this::run);
    }

    /** Begins, and waits a moment for the first answer. */
    void start(Duration atMost) throws InterruptedException {
        thread.start();
        if (!first.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("the store at {} has not answered yet; serving goes on, not ready", url);
        }
    }

    /** Null while the store answers. */
    @Nullable String problem() {
        return problem;
    }

    private void run() {
        while (true) {
            String now = ask();
            String before = problem;
            problem = now;
            if (now != null && (first.getCount() > 0 || before == null)) {
                LOG.warn("the store at {}: {}", url, now);
            } else if (now == null && before != null) {
                LOG.info("the store at {} answers", url);
            }
            first.countDown();
            try {
                Thread.sleep(now == null ? WELL : ILL);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private @Nullable String ask() {
        BackendRequest request = new BackendRequest("GET", null, null, List.of(), new DefaultHttpHeaders());
        try (BackendResponse response = backend.execute(loop, request, new byte[0])) {
            int status = response.status();
            if (status == 403 || status == 401) {
                return "it refuses the gateway's credentials (HTTP " + status + ")";
            }
            return status >= 500 ? "it answers HTTP " + status : null;
        } catch (BackendUnavailableException e) {
            return e.getMessage() == null ? "it does not answer" : e.getMessage();
        } catch (RuntimeException e) {
            LOG.debug("store health", e);
            return "it does not answer";
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
