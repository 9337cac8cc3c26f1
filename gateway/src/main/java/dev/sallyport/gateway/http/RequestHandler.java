package dev.sallyport.gateway.http;

/** What the pipeline calls for each request, on a virtual thread of its own. */
@FunctionalInterface
public interface RequestHandler {
    /** Handles the exchange and returns when it has been answered. What it throws is answered with a bare 500 and logged. */
    void handle(Exchange exchange);
}
