package dev.sallyport.gateway.http;

import java.util.concurrent.Executor;

/** What all connections of one server share. */
final class ServerContext {
    final HttpLimits limits;
    final RequestHandler handler;
    final Executor handlers;
    final ServerListener listener;
    final TrustedProxies proxies;
    final CommonHeaders headers = new CommonHeaders();
    volatile boolean draining;

    ServerContext(
            HttpLimits limits,
            RequestHandler handler,
            Executor handlers,
            ServerListener listener,
            TrustedProxies proxies) {
        this.limits = limits;
        this.handler = handler;
        this.handlers = handlers;
        this.listener = listener;
        this.proxies = proxies;
    }
}
