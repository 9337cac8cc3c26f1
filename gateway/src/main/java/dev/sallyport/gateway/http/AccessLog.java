package dev.sallyport.gateway.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON object a line a request, to the logger {@code sallyport.access}: INFO for what was served, WARN for a 5xx or a cut
 * answer.
 */
public final class AccessLog implements ServerListener {
    private static final Logger LOG = LoggerFactory.getLogger("sallyport.access");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Override
    public void finished(ExchangeSummary summary) {
        boolean bad = summary.cut() || summary.status() >= 500;
        if (bad ? LOG.isWarnEnabled() : LOG.isInfoEnabled()) {
            String line = line(summary, bad ? "WARN" : "INFO");
            if (bad) {
                LOG.warn(line);
            } else {
                LOG.info(line);
            }
        }
    }

    static String line(ExchangeSummary summary, String level) {
        RequestNotes notes = summary.notes();
        ObjectNode json = JSON.createObjectNode();
        json.put("time", summary.time().truncatedTo(ChronoUnit.MILLIS).toString());
        json.put("level", level);
        json.put("requestId", summary.requestId());
        json.put("remote", summary.remote());
        put(json, "principal", notes.principal());
        put(json, "operation", notes.operation());
        json.put("method", summary.method());
        json.put("target", summary.target());
        put(json, "bucket", notes.bucket());
        put(json, "key", notes.key());
        json.put("status", summary.status());
        put(json, "error", notes.errorCode());
        json.put("bytesIn", summary.bytesIn());
        json.put("bytesOut", summary.bytesOut());
        json.put("ms", Math.round(summary.nanos() / 1e4) / 100.0);
        json.put("tls", summary.secure());
        if (summary.cut()) {
            json.put("cut", true);
        }
        put(json, "userAgent", summary.userAgent());
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
        }
    }

    private static void put(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
