package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.WriteConditions;
import dev.sallyport.gateway.s3.XmlElement;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a write on what it would replace. They are the store's to enforce, and its refusals are shown as AWS words
 * them: 412 where a condition does not hold, 404 for {@code If-Match} where there is nothing, 409 where another write came
 * between.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">Conditional writes</a>
 */
public final class TargetConditions {
    private static final int MAX_ERROR = 64 * 1024;

    private TargetConditions() {}

    /**
     * @param can what the store enforces on this kind of write
     * @throws S3Exception {@code NotImplemented} for a condition that the store would ignore
     */
    public static void require(WriteConditions conditions, StoreCapabilities.OnTarget can) {
        if (!enforced(conditions, can)) {
            throw S3Errors.headerNotImplemented(name(conditions));
        }
    }

    /** Whether the store would heed all that there is. */
    static boolean enforced(WriteConditions conditions, StoreCapabilities.OnTarget can) {
        return conditions.ifMatch() != null ? can.ifMatch() : !conditions.ifNoneMatch() || can.ifNoneMatch();
    }

    /** Adds the conditions to a request, in the store's ETags. */
    public static void add(HttpHeaders headers, WriteConditions conditions) {
        if (conditions.ifMatch() != null) {
            headers.set("if-match", ETags.conditionToStore(conditions.ifMatch()));
        }
        if (conditions.ifNoneMatch()) {
            headers.set("if-none-match", "*");
        }
    }

    /**
     * The refusal of a write; reads and closes the answer.
     *
     * @param missing whether the store has no object of this name; asked only where it decides between two errors
     */
    public static S3Exception refusal(
            BackendResponse response, WriteConditions conditions, String bucket, String key, BooleanSupplier missing) {
        int status = response.status();
        if (status != 412 && status != 409) {
            return StoreErrors.of(response, bucket, key);
        }
        try (response) {
            XmlElement error = XmlElement.parseOrNull(response.readBody(MAX_ERROR));
            return refusal(status, text(error, "Code"), text(error, "Message"), conditions, bucket, key, missing);
        }
    }

    /** The same for an error without its answer, such as one inside of a 200. */
    public static S3Exception refusal(
            int status,
            String code,
            String message,
            WriteConditions conditions,
            String bucket,
            String key,
            BooleanSupplier missing) {
        if (!conditions.equals(WriteConditions.NONE)) {
            if (status == 412 || code.equals("PreconditionFailed")) {
                // Some stores say 412 for If-Match on a name that has no object, AWS does not.
                return conditions.ifMatch() != null && missing.getAsBoolean()
                        ? S3Errors.noSuchKey(key)
                        : S3Errors.preconditionFailed(name(conditions));
            }
            if (status == 409 || code.equals("ConditionalRequestConflict")) {
                return S3Errors.conditionalRequestConflict(name(conditions), key);
            }
        }
        return StoreErrors.map(status, code, message, bucket, key);
    }

    private static String name(WriteConditions conditions) {
        return conditions.ifNoneMatch() ? "If-None-Match" : "If-Match";
    }

    private static String text(@Nullable XmlElement element, String child) {
        String text = element == null ? null : element.childText(child);
        return text == null ? "" : text;
    }
}
