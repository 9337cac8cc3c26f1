package dev.sallyport.volume.keys;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What becomes of an attached volume whose key was revoked. */
public sealed interface RevocationPolicy {
    /** It stays as it is, as with EBS; it cannot be attached again. */
    record Continue() implements RevocationPolicy {}

    /** Writes are refused with EPERM until the key may be used again. */
    record ReadOnly() implements RevocationPolicy {}

    /**
     * It is detached.
     *
     * @param delay how long after the revocation was seen; if the key may be used again by then, nothing happens
     */
    record StopAfter(Duration delay) implements RevocationPolicy {
        public StopAfter {
            if (delay.isNegative()) {
                throw new IllegalArgumentException("a delay of " + delay);
            }
        }
    }

    /**
     * Reads {@code continue}, {@code read-only} or {@code stop-after=DURATION}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static RevocationPolicy parse(String text) {
        return switch (text) {
            case "continue" -> new Continue();
            case "read-only" -> new ReadOnly();
            default -> {
                if (!text.startsWith("stop-after=")) {
                    throw new IllegalArgumentException("continue, read-only or stop-after=DURATION");
                }
                yield new StopAfter(duration(text.substring("stop-after=".length())));
            }
        };
    }

    /** Reads {@code 500ms}, {@code 90s}, {@code 5m}, {@code 2h} or {@code 1d}; at most 365 days. */
    static Duration duration(String text) {
        Matcher matcher = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)").matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a duration such as 90s, 5m, 2h or 1d");
        }
        long amount = Long.parseLong(matcher.group(1));
        Duration duration = switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
        if (duration.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException("a duration of at most 365 days");
        }
        return duration;
    }
}
