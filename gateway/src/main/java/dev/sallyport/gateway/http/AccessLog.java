package dev.sallyport.gateway.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
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
    private static final JsonFactory JSON = new JsonFactory();

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
        StringWriter out = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            put(json, "time", summary.time().truncatedTo(ChronoUnit.MILLIS).toString());
            put(json, "level", level);
            put(json, "requestId", summary.requestId());
            put(json, "remote", summary.remote());
            put(json, "principal", notes.principal());
            put(json, "operation", notes.operation());
            put(json, "method", summary.method());
            put(json, "target", summary.target());
            put(json, "bucket", notes.bucket());
            put(json, "key", notes.key());
            json.writeNumberField("status", summary.status());
            put(json, "error", notes.errorCode());
            json.writeNumberField("bytesIn", summary.bytesIn());
            json.writeNumberField("bytesOut", summary.bytesOut());
            json.writeNumberField("ms", Math.round(summary.nanos() / 1e4) / 100.0);
            json.writeBooleanField("tls", summary.secure());
            if (summary.cut()) {
                json.writeBooleanField("cut", true);
            }
            put(json, "userAgent", summary.userAgent());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes every write", e);
        }
        return out.toString();
    }

    private static void put(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }
}
