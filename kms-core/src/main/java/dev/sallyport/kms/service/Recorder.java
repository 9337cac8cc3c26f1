package dev.sallyport.kms.service;

import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.audit.AuditLog;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a call and leaves its one audit event, whether it succeeds, is refused or breaks. A refusal's event is durable before
 * the refusal is thrown; a success hands out the receipt, so that its event is written beside other work.
 */
final class Recorder {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private static final int MAX_FIELD = 100 * 1024;

    private final AuditLog audit;
    private final InstantSource clock;

    Recorder(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    <R extends KmsResponse> Answer<R> run(Call call, Function<Call, R> work) {
        if (!call.operation().readOnly()) {
            audit.requireOpen();
        }
        R response;
        try {
            response = work.apply(call);
        } catch (RuntimeException e) {
            throw refused(call, refusal(call, e));
        }
        try {
            return new Answer<>(response, audit.append(event(call, null)));
        } catch (RuntimeException e) {
            response.close();
            throw e;
        }
    }

    /** Runs a check that leaves an event only when it refuses or breaks. */
    void check(Call call, Consumer<Call> check) {
        try {
            check.accept(call);
        } catch (RuntimeException e) {
            throw refused(call, refusal(call, e));
        }
    }

    /** What a caller may know of a failure. */
    private static KmsException refusal(Call call, RuntimeException failure) {
        if (failure instanceof KmsException refused) {
            return refused;
        }
        LOG.error(
                "{} of request {} failed",
                call.operation().wireName(),
                call.context().requestId(),
                failure);
        return new KmsException(KmsException.Code.INTERNAL, "");
    }

    /** Leaves the event of a refusal, and returns what to throw. */
    KmsException refused(Call call, KmsException refusal) {
        append(event(call, refusal)).await();
        return refusal;
    }

    /** Leaves the event of a call that was refused before it reached an operation. */
    void refused(CallContext context, String eventName, boolean readOnly, KmsException refusal) {
        append(new AuditEvent(
                        context,
                        clock.instant(),
                        eventName,
                        readOnly,
                        null,
                        null,
                        List.of(),
                        null,
                        errorCode(refusal),
                        errorMessage(refusal)))
                .await();
    }

    AuditReceipt append(AuditEvent event) {
        return audit.append(event);
    }

    private AuditEvent event(Call call, @Nullable KmsException refusal) {
        return new AuditEvent(
                call.context(),
                clock.instant(),
                call.operation().wireName(),
                call.operation().readOnly(),
                bounded(call.requestParameters()),
                refusal == null ? bounded(call.responseElements()) : null,
                call.keyArns(),
                call.keyMaterialId(),
                refusal == null ? null : errorCode(refusal),
                refusal == null ? null : errorMessage(refusal));
    }

    /** As CloudTrail does it: a field over 100 KB is left out whole. */
    private static @Nullable Map<String, Object> bounded(@Nullable Map<String, Object> field) {
        return field == null || size(field, MAX_FIELD) <= MAX_FIELD ? field : null;
    }

    /** At least the bytes of {@code value} in JSON, counted no further than {@code limit}. */
    private static int size(Object value, int limit) {
        int size = 16;
        switch (value) {
            case String text -> {
                if (text.length() > limit) {
                    return limit + 1;
                }
                for (int i = 0; i < text.length(); i++) {
                    char c = text.charAt(i);
                    size += c < 0x20 ? 6 : c < 0x80 ? (c == '"' || c == '\\' ? 2 : 1) : 3;
                }
            }
            case Map<?, ?> map -> {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    size += size(entry.getKey(), limit) + size(entry.getValue(), limit);
                    if (size > limit) {
                        return limit + 1;
                    }
                }
            }
            case List<?> list -> {
                for (Object each : list) {
                    size += size(each, limit);
                    if (size > limit) {
                        return limit + 1;
                    }
                }
            }
            default -> size += 16;
        }
        return size;
    }

    private static String errorCode(KmsException refusal) {
        // CloudTrail writes this one without its ending
        return refusal.code() == KmsException.Code.ACCESS_DENIED
                ? "AccessDenied"
                : refusal.code().wireName();
    }

    /** Cut, since a message may quote a client's own long value. */
    private static String errorMessage(KmsException refusal) {
        String message = refusal.getMessage();
        return message.length() <= 1024 ? message : message.substring(0, 1024);
    }
}
