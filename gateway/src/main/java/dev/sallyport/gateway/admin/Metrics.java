package dev.sallyport.gateway.admin;

import dev.sallyport.gateway.http.ExchangeSummary;
import dev.sallyport.gateway.http.ServerListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
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
import java.util.function.ToDoubleFunction;

/**
 * Meters of requests, bytes, connections, failed authentications and the JVM. Labels are of bounded sets: operations by name,
 * statuses, error codes; never buckets, keys or principals.
 */
public final class Metrics implements ServerListener, AutoCloseable {
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
