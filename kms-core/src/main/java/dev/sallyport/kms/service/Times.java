package dev.sallyport.kms.service;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Times as the API shows them. */
final class Times {
    private Times() {}

    /** Now, in whole milliseconds: what rows and answers hold. */
    static Instant now(InstantSource clock) {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
