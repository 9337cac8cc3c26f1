package dev.sallyport.gateway.http;

import java.io.IOException;

/** The client closed its connection, fell silent, or sent a body that is none. */
public final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    public ClientGoneException(String message) {
        super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
