package dev.sallyport.kms.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** One record of the journal as it lies on the disk. Immutable for whoever does not hold the arrays. */
public final class JournalRecord {
    private final byte kind;
    private final long sequence;
    private final long timeMillis;
    private final long durable;
    private final byte[] hash;
    private final byte[] payload;

    JournalRecord(byte kind, long sequence, long timeMillis, long durable, byte[] hash, byte[] payload) {
        this.kind = kind;
        this.sequence = sequence;
        this.timeMillis = timeMillis;
        this.durable = durable;
        this.hash = hash;
        this.payload = payload;
    }

    /** Whether it is an event; else it records the key store's digest. */
    public boolean isEvent() {
        return kind == JournalFormat.KIND_EVENT;
    }

    /** Its number, from 1, without gaps. */
    public long sequence() {
        return sequence;
    }

    /** The event's time, to the millisecond. */
    public Instant time() {
        return Instant.ofEpochMilli(timeMillis);
    }

    /** The payload as text: for an event, its CloudTrail record on one line. */
    public String json() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    byte kind() {
        return kind;
    }

    long timeMillis() {
        return timeMillis;
    }

    /** The highest sequence number that was on the disk for certain when this record was written. */
    long durable() {
        return durable;
    }

    byte[] hash() {
        return hash;
    }

    byte[] payload() {
        return payload;
    }

    int size() {
        return JournalFormat.RECORD_HEADER + payload.length;
    }
}
