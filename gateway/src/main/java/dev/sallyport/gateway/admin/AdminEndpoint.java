package dev.sallyport.gateway.admin;

import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.gateway.http.RequestHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code /livez}: the process answers. {@code /readyz}: it can serve, else 503 with what is wrong. {@code /metrics}: for
 * Prometheus. No authentication: it listens on loopback unless told otherwise, and shows nothing secret.
 */
public final class AdminEndpoint implements RequestHandler {
    private final Readiness readiness;
    private final Metrics metrics;

    public AdminEndpoint(Readiness readiness, Metrics metrics) {
        this.readiness = readiness;
        this.metrics = metrics;
    }

    @Override
    public void handle(Exchange exchange) {
        String target = exchange.rawTarget();
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
            answer(exchange, 405, "only GET and HEAD\n");
            return;
        }
        switch (path) {
            case "/livez" -> answer(exchange, 200, "ok\n");
            case "/readyz" -> ready(exchange);
            case "/metrics" -> answer(exchange, 200, metrics.scrape());
            default -> answer(exchange, 404, "only /livez, /readyz and /metrics\n");
        }
    }

    private void ready(Exchange exchange) {
        Map<String, String> problems = readiness.problems();
        if (problems.isEmpty()) {
            answer(exchange, 200, "ok\n");
            return;
        }
        StringBuilder text = new StringBuilder();
        problems.forEach((name, problem) ->
                text.append(name).append(": ").append(problem).append('\n'));
        answer(exchange, 503, text.toString());
    }

    private static void answer(Exchange exchange, int status, String text) {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
        headers.set("cache-control", "no-store");
        exchange.respond(status, headers, text.getBytes(StandardCharsets.UTF_8));
    }
}
