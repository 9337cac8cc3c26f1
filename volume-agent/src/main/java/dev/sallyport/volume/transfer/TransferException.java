package dev.sallyport.volume.transfer;

import java.io.IOException;

/** A copy cannot be gone on with, or is not what it should be. The message says what to do. */
public final class TransferException extends IOException {
    private static final long serialVersionUID = 1L;

    TransferException(String message) {
        super(message);
    }
}
