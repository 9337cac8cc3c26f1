package dev.sallyport.gateway.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the handler, on a virtual thread; whatever comes of it, the exchange gets its end. */
final class HandlerRun implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerRun.class);

    private final RequestHandler handler;
    private final HttpExchange exchange;

    HandlerRun(RequestHandler handler, HttpExchange exchange) {
        this.handler = handler;
        this.exchange = exchange;
    }

    @Override
    public void run() {
        boolean failed = true;
        try {
            handler.handle(exchange);
            failed = false;
        } catch (Throwable t) {
            // an Error too must end the exchange, or its client would wait for ever
            if (t.getCause() instanceof ClientGoneException) {
                LOG.debug("request {}: {}", exchange.requestId(), t.getCause().getMessage());
            } else {
                LOG.error("request {} failed", exchange.requestId(), t);
            }
        }
        boolean thrown = failed;
        if (thrown || !exchange.answered()) {
            exchange.eventLoop().execute(() -> exchange.conclude(thrown));
        }
    }
}
