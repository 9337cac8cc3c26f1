package dev.sallyport.kms.audit;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.KmsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An audit event in the JSON of a CloudTrail record, version 1.11.
 *
 * <p>A call that a service made for a principal shows the service in {@code invokedBy}, {@code sourceIPAddress} and {@code
 * userAgent}, as on AWS; the client's own address and agent then stand in {@code additionalEventData}, since there is no
 * other trail in which to look them up. What the KMS does by itself (a yearly rotation) is an {@code AwsServiceEvent}. A
 * command of an operator on the gateway's machine is one of the account's root.
 *
 * @see <a href="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html">CloudTrail
 *     record contents</a>
 */
public final class CloudTrailRecord {
    private static final String VERSION = "1.11";
    private static final String INTERNAL = "AWS Internal";
    private static final int MAX_ERROR_MESSAGE = 1_024;
    /** CloudTrail's own limit for either of the two elements. */
    private static final int MAX_ELEMENTS = 102_400;

    private static final JsonMapper MAPPER = new JsonMapper();

    private CloudTrailRecord() {}

    /** An error's name as CloudTrail shows it: the wire name, but {@code AccessDenied} for AccessDeniedException. */
    public static String errorCode(KmsException.Code code) {
        return errorCode(code.wireName());
    }

    private static String errorCode(String wireName) {
        return wireName.equals("AccessDeniedException") ? "AccessDenied" : wireName;
    }

    /**
     * Writes the record on one line.
     *
     * @param eventId the record's own id
     */
    public static byte[] toJson(AuditEvent event, UUID eventId) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1_024);
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            write(json, event, eventId);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, AuditEvent event, UUID eventId) throws IOException {
        CallContext call = event.call();
        Caller caller = call.caller();
        boolean operator = caller.accessKeyId() == null && !event.eventSource().equals(AuditEvent.KMS);
        boolean byItself = caller.accessKeyId() == null && !operator;
        String service = call.viaService() == null ? null : principalOf(call.viaService());
        String from = byItself ? INTERNAL : service;
        json.writeStartObject();
        json.writeStringField("eventVersion", VERSION);
        if (operator) {
            writeOperator(json, caller);
        } else {
            writeIdentity(json, caller, byItself, service);
        }
        json.writeStringField(
                "eventTime", event.time().truncatedTo(ChronoUnit.SECONDS).toString());
        json.writeStringField("eventSource", event.eventSource());
        json.writeStringField("eventName", event.eventName());
        json.writeStringField("awsRegion", call.region());
        json.writeStringField("sourceIPAddress", from == null ? call.sourceIp() : from);
        json.writeStringField("userAgent", from == null ? call.userAgent() : from);
        if (event.errorCode() != null) {
            json.writeStringField("errorCode", errorCode(event.errorCode()));
            String message = event.errorMessage() == null ? "" : event.errorMessage();
            json.writeStringField("errorMessage", cut(message, MAX_ERROR_MESSAGE));
        }
        writeElements(json, "requestParameters", event.requestParameters());
        writeElements(json, "responseElements", event.responseElements());
        writeAdditional(json, event, service != null && !byItself);
        if (!byItself) {
            json.writeStringField("requestID", call.requestId());
        }
        json.writeStringField("eventID", eventId.toString());
        json.writeBooleanField("readOnly", event.readOnly());
        boolean otherAccount = writeResources(json, event, caller.accountId());
        json.writeStringField("eventType", eventType(event, byItself));
        json.writeBooleanField("managementEvent", true);
        json.writeStringField("recipientAccountId", caller.accountId());
        if (otherAccount) {
            json.writeStringField("sharedEventID", eventId.toString());
        }
        json.writeStringField("eventCategory", "Management");
        if (call.secureTransport() && call.tlsVersion() != null && from == null) {
            json.writeObjectFieldStart("tlsDetails");
            json.writeStringField("tlsVersion", call.tlsVersion());
            if (call.tlsCipher() != null) {
                json.writeStringField("cipherSuite", call.tlsCipher());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static String eventType(AuditEvent event, boolean byItself) {
        return byItself || event.eventSource().equals(AuditEvent.SALLYPORT) ? "AwsServiceEvent" : "AwsApiCall";
    }

    /** Whoever may open the key store's directory on the gateway's machine, and so acts for the whole account. */
    private static void writeOperator(JsonGenerator json, Caller caller) throws IOException {
        json.writeObjectFieldStart("userIdentity");
        json.writeStringField("type", "Root");
        json.writeStringField("principalId", caller.principalId());
        json.writeStringField("arn", caller.arn());
        json.writeStringField("accountId", caller.accountId());
        json.writeStringField("userName", caller.userName());
        json.writeEndObject();
    }

    private static void writeIdentity(JsonGenerator json, Caller caller, boolean byItself, @Nullable String service)
            throws IOException {
        json.writeObjectFieldStart("userIdentity");
        if (byItself) {
            if (service != null) {
                json.writeStringField("type", "AWSService");
            }
            json.writeStringField("accountId", caller.accountId());
            json.writeStringField("invokedBy", service == null ? INTERNAL : service);
        } else {
            json.writeStringField("type", caller.sessionName() == null ? "IAMUser" : "AssumedRole");
            json.writeStringField("principalId", caller.principalId());
            json.writeStringField("arn", caller.arn());
            json.writeStringField("accountId", caller.accountId());
            json.writeStringField("accessKeyId", caller.accessKeyId());
            if (caller.sessionName() == null) {
                json.writeStringField("userName", caller.userName());
            }
            if (service != null) {
                json.writeStringField("invokedBy", service);
            }
        }
        json.writeEndObject();
    }

    /** {@code s3.us-east-1.amazonaws.com} is the endpoint, {@code s3.amazonaws.com} the service principal. */
    private static String principalOf(String viaService) {
        int dot = viaService.indexOf('.');
        return dot < 0 ? viaService : viaService.substring(0, dot) + ".amazonaws.com";
    }

    private static void writeElements(JsonGenerator json, String name, @Nullable Map<String, Object> elements)
            throws IOException {
        json.writeFieldName(name);
        if (elements == null) {
            json.writeNull();
            return;
        }
        String written = MAPPER.writeValueAsString(elements);
        if (written.length() <= MAX_ELEMENTS) {
            json.writeRawValue(written);
            return;
        }
        json.writeStartObject();
        json.writeBooleanField("omitted", true);
        json.writeNumberField("originalSize", written.length());
        json.writeStringField("reason", name + " too large");
        json.writeEndObject();
    }

    private static void writeAdditional(JsonGenerator json, AuditEvent event, boolean client) throws IOException {
        if (event.keyMaterialId() == null && !client) {
            return;
        }
        json.writeObjectFieldStart("additionalEventData");
        if (event.keyMaterialId() != null) {
            json.writeStringField("keyMaterialId", event.keyMaterialId());
        }
        if (client) {
            json.writeStringField("clientIPAddress", event.call().sourceIp());
            json.writeStringField("clientUserAgent", event.call().userAgent());
        }
        json.writeEndObject();
    }

    private static boolean writeResources(JsonGenerator json, AuditEvent event, String callerAccount)
            throws IOException {
        if (event.keyArns().isEmpty()) {
            return false;
        }
        boolean other = false;
        json.writeArrayFieldStart("resources");
        for (String arn : event.keyArns()) {
            String[] parts = arn.split(":", 6);
            String account = parts.length == 6 ? parts[4] : callerAccount;
            other |= !account.equals(callerAccount);
            json.writeStartObject();
            json.writeStringField("accountId", account);
            json.writeStringField("type", "AWS::KMS::Key");
            json.writeStringField("ARN", arn);
            json.writeEndObject();
        }
        json.writeEndArray();
        return other;
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }
}
