package dev.sallyport.volume.nbd;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what goes wrong with a disk, at a bounded rate: a client may try again a thousand times a second. */
final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final String export;
    private long last = System.nanoTime() - INTERVAL;
    private long unsaid;

    FailureLog(String export) {
        this.export = export;
    }

    void log(long position, IOException cause) {
        long now = System.nanoTime();
        if (now - last < INTERVAL) {
            unsaid++;
            return;
        }
        LOG.error(
                "I/O error on export '{}' at byte {} ({} more unsaid): {}", export, position, unsaid, cause.toString());
        if (cause.getCause() != null) {
            LOG.error("which is a defect of this program", cause.getCause());
        }
        last = now;
        unsaid = 0;
    }

    /** ENOSPC, EDQUOT or EFBIG, which the protocol maps to one value; the JDK gives only the C library's words. */
    static boolean isNoSpace(IOException cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("No space left on device")
                || message.contains("quota exceeded")
                || message.contains("File too large");
    }
}
