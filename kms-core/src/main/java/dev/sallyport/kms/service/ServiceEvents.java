package dev.sallyport.kms.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.Row;
import dev.sallyport.kms.store.RowWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The audit events of what the service does by itself. An event is first a row, put in the transaction of the change that it
 * tells of, and goes once it is durable in the journal: a crash in between, or a journal that takes no events, delays it.
 * A crash just before the row goes repeats the event, with the same time and key.
 */
final class ServiceEvents {
    private static final String KIND = "service-event";
    private static final int BATCH = 100;
    private static final String INTERNAL = "AWS Internal";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KeyStore store;
    private final Recorder recorder;

    ServiceEvents(KeyStore store, Recorder recorder) {
        this.store = store;
        this.recorder = recorder;
    }

    /** Puts the event of a change into the change's own transaction; returns its row's id. */
    static String put(RowWriter rows, KeyRecord key, String name, Instant time) {
        String id = KeyRows.scope(key.accountId(), key.region()) + key.keyId() + "/" + UUID.randomUUID();
        byte[] payload = RecordJson.bytes(
                JSON.createObjectNode().put("v", 1).put("event", name).put("time", time.toEpochMilli()));
        rows.put(new Row(KIND, id, null, payload));
        return id;
    }

    /** Writes what is still to be written; returns the number of events. */
    int publishAll() {
        int published = 0;
        while (true) {
            List<Row> pending = store.read(rows -> rows.scan(KIND, "", null, BATCH));
            pending.forEach(this::publish);
            published += pending.size();
            if (pending.size() < BATCH) {
                return published;
            }
        }
    }

    /** Writes one event; nothing when its row is gone. */
    void publish(String id) {
        store.read(rows -> rows.get(KIND, id)).ifPresent(this::publish);
    }

    private void publish(Row row) {
        recorder.append(event(row)).await();
        store.write(rows -> rows.delete(KIND, row.id()));
    }

    private static AuditEvent event(Row row) {
        String[] id = row.id().split("/", 4);
        JsonNode json;
        try {
            json = JSON.readTree(row.payload());
        } catch (IOException e) {
            throw new IllegalStateException("a service event that is not JSON", e);
        }
        if (json.path("v").asInt() != 1) {
            throw new IllegalStateException("a service event of version " + json.path("v"));
        }
        String account = id[0];
        String region = id[1];
        Caller service = new Caller("arn:aws:iam::" + account + ":root", account, account, "root", null, null);
        CallContext call = new CallContext(
                service, region, UUID.randomUUID().toString(), INTERNAL, INTERNAL, true, null, null, null, List.of());
        return new AuditEvent(
                call,
                Instant.ofEpochMilli(json.path("time").asLong()),
                json.path("event").asText(),
                false,
                null,
                null,
                List.of("arn:aws:kms:" + region + ":" + account + ":key/" + id[2]),
                null,
                null,
                null);
    }
}
