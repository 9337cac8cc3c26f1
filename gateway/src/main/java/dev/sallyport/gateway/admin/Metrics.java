package dev.sallyport.gateway.admin;

import dev.sallyport.gateway.http.ExchangeSummary;
import dev.sallyport.gateway.http.ServerListener;
import dev.sallyport.kms.cache.KeyCacheMetrics;
import dev.sallyport.kms.cache.KeyCacheStats;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Meters of requests, bytes, connections, failed authentications and the JVM. Labels are of bounded sets: operations by name,
 * statuses, error codes; never buckets, keys or principals.
 */
public final class Metrics implements ServerListener, AutoCloseable {
    private static final String KEY_CACHE_REQUESTS = "sallyport.key.cache.requests";
    private static final String KEY_CACHE_EVICTIONS = "sallyport.key.cache.evictions";
    private static final String KEY_CACHE_SIZE = "sallyport.key.cache.size";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicInteger open = new AtomicInteger();
    private final Counter refused;
    private final Counter bytesIn;
    private final Counter bytesOut;
    private final Counter cut;
    private final JvmGcMetrics gc = new JvmGcMetrics();

    /** The registry would find them too, by way of new tags for each request. */
    private final Map<Outcome, Timer> requests = new ConcurrentHashMap<>();

    private record Outcome(String operation, int status) {}

    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        gc.bindTo(registry);
        registry.gauge("sallyport.connections", open);
        refused = registry.counter("sallyport.connections.refused");
        bytesIn = registry.counter("sallyport.request.bytes");
        bytesOut = registry.counter("sallyport.response.bytes");
        cut = registry.counter("sallyport.responses.cut");
    }

    /** For those who have meters of their own, such as caches. */
    public MeterRegistry registry() {
        return registry;
    }

    /** A gauge that is read when it is scraped. */
    public <T> void gauge(String name, T source, ToDoubleFunction<T> value) {
        registry.gauge(name, source, value);
    }

    /**
     * Counters of a cache of opened keys, for the cache to use.
     *
     * @param cache its name, the value of a label
     */
    public KeyCacheMetrics keyCache(String cache) {
        Counter hits = registry.counter(KEY_CACHE_REQUESTS, "cache", cache, "result", "hit");
        Counter misses = registry.counter(KEY_CACHE_REQUESTS, "cache", cache, "result", "miss");
        Counter failures = registry.counter(KEY_CACHE_REQUESTS, "cache", cache, "result", "failure");
        Counter evictions = registry.counter(KEY_CACHE_EVICTIONS, "cache", cache);
        return new KeyCacheMetrics() {
            @Override
            public void hit() {
                hits.increment();
            }

            @Override
            public void miss() {
                misses.increment();
            }

            @Override
            public void failureHit() {
                failures.increment();
            }

            @Override
            public void evicted() {
                evictions.increment();
            }
        };
    }

    /** The number of keys that a cache holds, read when it is scraped. */
    public <T> void keyCacheSize(String cache, T source, ToDoubleFunction<T> size) {
        registry.gauge(KEY_CACHE_SIZE, Tags.of("cache", cache), source, size);
    }

    /** The same meters for a cache that counts by itself. */
    public <T> void keyCache(String cache, T source, Function<T, KeyCacheStats> stats) {
        counter(
                KEY_CACHE_REQUESTS,
                Tags.of("cache", cache, "result", "hit"),
                source,
                each -> stats.apply(each).hits());
        counter(
                KEY_CACHE_REQUESTS,
                Tags.of("cache", cache, "result", "miss"),
                source,
                each -> stats.apply(each).misses());
        counter(
                KEY_CACHE_EVICTIONS,
                Tags.of("cache", cache),
                source,
                each -> stats.apply(each).evictions());
        keyCacheSize(cache, source, each -> stats.apply(each).size());
    }

    private <T> void counter(String name, Tags tags, T source, ToDoubleFunction<T> count) {
        FunctionCounter.builder(name, source, count).tags(tags).register(registry);
    }

    /** A request was refused for its signature. */
    public void authenticationFailed(String service, String code) {
        registry.counter("sallyport.authentication.failures", "service", service, "code", code)
                .increment();
    }

    @Override
    public void finished(ExchangeSummary summary) {
        String operation = summary.notes().operation();
        requests.computeIfAbsent(new Outcome(operation == null ? "unknown" : operation, summary.status()), this::timer)
                .record(summary.nanos(), TimeUnit.NANOSECONDS);
        bytesIn.increment((double) summary.bytesIn());
        bytesOut.increment((double) summary.bytesOut());
        if (summary.cut()) {
            cut.increment();
        }
    }

    private Timer timer(Outcome outcome) {
        return Timer.builder("sallyport.requests")
                .tags(List.of(Tag.of("operation", outcome.operation), Tag.of("status", String.valueOf(outcome.status))))
                .register(registry);
    }

    @Override
    public void opened() {
        open.incrementAndGet();
    }

    @Override
    public void closed() {
        open.decrementAndGet();
    }

    @Override
    public void refused() {
        refused.increment();
    }

    /** In the text format of Prometheus. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}
