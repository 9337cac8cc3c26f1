package dev.sallyport.volume.nbd.client;

import java.io.IOException;

/** A server refused a request, or does not speak the protocol. The message is for people. */
public final class NbdException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int error;

    private NbdException(int error, String message) {
        super(message);
        this.error = error;
    }

    /** The server answered a command with an error value; the connection is still in order. */
    static NbdException answered(String command, int error, String message) {
        return new NbdException(
                error,
                "the NBD server answered " + command + " with error " + error
                        + (message.isEmpty() ? "" : ": " + message));
    }

    /** The server broke the protocol, or refused to go on: the connection is of no more use. */
    static NbdException protocol(String message) {
        return new NbdException(0, "NBD: " + message);
    }

    /** The protocol's error value, such as 28 (ENOSPC); 0 when the connection itself failed. */
    public int error() {
        return error;
    }
}
