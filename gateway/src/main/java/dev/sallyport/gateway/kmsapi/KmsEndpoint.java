package dev.sallyport.gateway.kmsapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.service.Answer;
import dev.sallyport.kms.service.KmsRequest;
import dev.sallyport.kms.service.KmsResponse;
import dev.sallyport.kms.service.KmsService;
import dev.sallyport.kms.service.Operation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The KMS API in AWS JSON 1.1: from an authenticated request to its answer. Blocks until the audit event is durable.
 *
 * @see <a href="https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html">AWS JSON 1.1 protocol</a>
 */
public final class KmsEndpoint {
    /** The longest body that is read, in bytes. */
    public static final int MAX_BODY = JsonBody.MAX_BYTES;

    private static final Logger LOG = LoggerFactory.getLogger(KmsEndpoint.class);
    private static final String PREFIX = "TrentService.";
    private static final Pattern OPERATION_NAME = Pattern.compile("[A-Z][A-Za-z0-9]{0,63}");
    private static final String NO_OPERATION = "UnknownOperation";
    private static final String CONTENT_TYPE = "application/x-amz-json-1.1";
    private static final JsonFactory JSON = new JsonFactory();

    private final KmsService kms;
    private final @Nullable String elsewhere;

    public KmsEndpoint(KmsService kms) {
        this(kms, null);
    }

    private KmsEndpoint(KmsService kms, @Nullable String elsewhere) {
        this.kms = kms;
        this.elsewhere = elsewhere;
    }

    /**
     * For a gateway whose keys another KMS keeps: every operation is refused, and audited.
     *
     * @param kms writes the audit events
     * @param where that other KMS is, for people
     */
    public static KmsEndpoint elsewhere(KmsService kms, String where) {
        return new KmsEndpoint(kms, where);
    }

    /** Whether a request is one for this endpoint, by its {@code X-Amz-Target}. */
    public static boolean isTarget(@Nullable String target) {
        return target != null && target.startsWith(PREFIX);
    }

    /**
     * Answers; never throws for what a client sends.
     *
     * @param call the authenticated call; grant tokens of the body are added to it
     * @param target the header {@code X-Amz-Target}; null when there was none
     * @param body at most {@link #MAX_BODY} bytes
     */
    public Reply handle(CallContext call, @Nullable String target, byte[] body) {
        String name = isTarget(target) && target != null ? target.substring(PREFIX.length()) : "";
        String eventName = OPERATION_NAME.matcher(name).matches() ? name : NO_OPERATION;
        Operation operation = Operation.of(name);
        ObjectNode json;
        KmsRequest request;
        try {
            if (operation == null) {
                throw new KmsException(Code.UNKNOWN_OPERATION, "");
            }
            if (elsewhere != null) {
                throw new KmsException(
                        Code.UNSUPPORTED_OPERATION,
                        "This gateway's keys are kept by a remote KMS; send its requests to " + elsewhere + ".");
            }
            json = JsonBody.parse(body);
            Validator.check(json, ApiModel.input(operation));
            request = RequestReader.read(operation, json);
        } catch (KmsException e) {
            return refused(call, eventName, e);
        } catch (RuntimeException e) {
            LOG.error("Reading {} of request {} failed", eventName, call.requestId(), e);
            return refused(call, eventName, new KmsException(Code.INTERNAL, ""));
        }
        return answer(withTokens(call, RequestReader.grantTokens(json)), operation, request);
    }

    private Reply answer(CallContext call, Operation operation, KmsRequest request) {
        try {
            Answer<KmsResponse> answer = kms.call(call, request);
            try (KmsResponse response = answer.response()) {
                byte[] json = ResponseWriter.write(response, operation == Operation.DECRYPT);
                answer.receipt().await();
                return new Reply(200, headers(call.requestId()), json);
            }
        } catch (KmsException e) {
            return error(call.requestId(), e.code().httpStatus(), e.code().wireName(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("{} of request {} failed", operation.wireName(), call.requestId(), e);
            return error(call.requestId(), Code.INTERNAL.httpStatus(), Code.INTERNAL.wireName(), "");
        } finally {
            if (request instanceof KmsRequest.Encrypt encrypt) {
                encrypt.close();
            }
        }
    }

    private Reply refused(CallContext call, String eventName, KmsException refusal) {
        KmsException shown = refusal;
        try {
            kms.recordRefusal(call, eventName, refusal);
        } catch (KmsException e) {
            // a refusal without its event does not leave either
            shown = e;
        }
        return error(call.requestId(), shown.code().httpStatus(), shown.code().wireName(), shown.getMessage());
    }

    /**
     * The answer to a refused request, also of one that failed authentication.
     *
     * @param type such as {@code InvalidSignatureException}
     * @param message empty for none
     */
    public static Reply error(String requestId, int status, String type, String message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeStringField("__type", type);
            if (!message.isEmpty()) {
                // AWS spells this one member with a capital
                boolean capital = type.equals(Code.ACCESS_DENIED.wireName());
                out.writeStringField(capital ? "Message" : "message", message);
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Reply(status, headers(requestId), bytes.toByteArray());
    }

    private static Map<String, String> headers(String requestId) {
        return Map.of("content-type", CONTENT_TYPE, "x-amzn-requestid", requestId, "cache-control", "no-store");
    }

    private static CallContext withTokens(CallContext call, List<String> tokens) {
        if (tokens.isEmpty()) {
            return call;
        }
        return new CallContext(
                call.caller(),
                call.region(),
                call.requestId(),
                call.sourceIp(),
                call.userAgent(),
                call.secureTransport(),
                call.tlsVersion(),
                call.tlsCipher(),
                call.viaService(),
                tokens);
    }
}
