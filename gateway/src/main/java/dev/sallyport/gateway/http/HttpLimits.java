package dev.sallyport.gateway.http;

import java.time.Duration;

/**
 * What one client may ask of the server.
 *
 * @param connections open connections in all; one more is answered 503 and closed
 * @param requestLine bytes of method, target and version; an S3 key of 1,024 bytes, percent-encoded, needs 3,072
 * @param headerBytes bytes of all headers of a request
 * @param headerTimeout from the first byte of a request (or from the connection's start) to the end of its headers
 * @param bodyTimeout a body must bring at least {@value #BODY_PROGRESS} bytes, or its end, in each such span
 * @param writeTimeout a client must take something of its answer in each such span
 * @param idleTimeout how long a connection is kept between two requests
 * @param drainTimeout how long the rest of a body is read after an early answer
 * @param drainBytes how much of it
 * @param holdAfter how long a client of a slow request hears nothing: {@link Exchange#hold}
 */
public record HttpLimits(
        int connections,
        int requestLine,
        int headerBytes,
        Duration headerTimeout,
        Duration bodyTimeout,
        Duration writeTimeout,
        Duration idleTimeout,
        Duration drainTimeout,
        int drainBytes,
        Duration holdAfter) {
    /** Bytes that count as progress of a body. */
    public static final int BODY_PROGRESS = 1024;

    /** A body of at most so many bytes that came with its head is handed to the handler whole. */
    static final int SMALL_BODY = 64 * 1024;

    /** Fit for clients over a network. */
    public static final HttpLimits DEFAULT = new HttpLimits(
            4096,
            8192,
            16384,
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(75),
            Duration.ofSeconds(3),
            256 * 1024,
            Duration.ofSeconds(5));

    public HttpLimits {
        positive("connections", connections);
        if (requestLine < 512 || headerBytes < 1024) {
            throw new IllegalArgumentException("request line under 512 or headers under 1024 bytes serve no S3 client");
        }
        positive("headerTimeout", headerTimeout);
        positive("bodyTimeout", bodyTimeout);
        positive("writeTimeout", writeTimeout);
        positive("idleTimeout", idleTimeout);
        positive("drainTimeout", drainTimeout);
        positive("drainBytes", drainBytes);
        positive("holdAfter", holdAfter);
    }

    private static void positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive");
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive");
        }
    }
}
