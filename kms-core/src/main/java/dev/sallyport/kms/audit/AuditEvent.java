package dev.sallyport.kms.audit;

import dev.sallyport.kms.CallContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One KMS request, or one command of an operator, as CloudTrail records it. Never holds plaintext, ciphertext, tokens or credentials.
 *
 * @param call who, from where, with which request id
 * @param time when the request was decided
 * @param eventSource the service: {@link #KMS}, {@link #IAM} or {@link #SALLYPORT}
 * @param eventName the operation, such as {@code GenerateDataKey}
 * @param readOnly as AWS classifies the operation
 * @param requestParameters the request's parameters in CloudTrail's lower camel case, without secrets; null for none
 * @param responseElements the answer's, for operations that change something; null otherwise
 * @param keyArns the keys that the request touched
 * @param keyMaterialId {@code additionalEventData.keyMaterialId}; null when none was used
 * @param errorCode the error's name, such as {@code AccessDenied}; null on success
 * @param errorMessage the error's text; null on success
 * @see <a href="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html">CloudTrail record contents</a>
 */
public record AuditEvent(
        CallContext call,
        Instant time,
        String eventSource,
        String eventName,
        boolean readOnly,
        @Nullable Map<String, Object> requestParameters,
        @Nullable Map<String, Object> responseElements,
        List<String> keyArns,
        @Nullable String keyMaterialId,
        @Nullable String errorCode,
        @Nullable String errorMessage) {
    /** Requests of the KMS, and what it does by itself. */
    public static final String KMS = "kms.amazonaws.com";

    /** Changes of principals. */
    public static final String IAM = "iam.amazonaws.com";

    /** What AWS has no operation for: seals, backups, modes of buckets. */
    public static final String SALLYPORT = "sallyport.dev";

    /** An event of the KMS. */
    public AuditEvent(
            CallContext call,
            Instant time,
            String eventName,
            boolean readOnly,
            @Nullable Map<String, Object> requestParameters,
            @Nullable Map<String, Object> responseElements,
            List<String> keyArns,
            @Nullable String keyMaterialId,
            @Nullable String errorCode,
            @Nullable String errorMessage) {
        this(
                call,
                time,
                KMS,
                eventName,
                readOnly,
                requestParameters,
                responseElements,
                keyArns,
                keyMaterialId,
                errorCode,
                errorMessage);
    }
}
