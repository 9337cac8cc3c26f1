package dev.sallyport.kms.access;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.EncryptionContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One question to the evaluator.
 *
 * @param caller the authenticated principal
 * @param action such as {@code s3:PutObject} or {@code kms:Decrypt}
 * @param resource the ARN of what is acted on; {@code *} for actions without a resource
 * @param conditionKeys the request's condition keys and their values, keys compared without case, such as
 *     {@code kms:EncryptionContext:team}, {@code kms:ViaService}, {@code aws:SourceIp},
 *     {@code s3:x-amz-server-side-encryption}; an absent key is absent from the map
 */
public record AccessRequest(Caller caller, String action, String resource, Map<String, List<String>> conditionKeys) {
    /** The same request with one more condition key, or other values for one that it has. */
    public AccessRequest with(String key, String... values) {
        Map<String, List<String>> more = new LinkedHashMap<>(conditionKeys);
        more.put(key, List.of(values));
        return new AccessRequest(caller, action, resource, more);
    }

    /** The same request with {@code kms:EncryptionContext:…} for every pair, and {@code kms:EncryptionContextKeys}. */
    public AccessRequest with(EncryptionContext context) {
        if (context.isEmpty()) {
            return this;
        }
        Map<String, List<String>> more = new LinkedHashMap<>(conditionKeys);
        context.pairs().forEach((key, value) -> more.put("kms:EncryptionContext:" + key, List.of(value)));
        more.put("kms:EncryptionContextKeys", List.copyOf(context.pairs().keySet()));
        return new AccessRequest(caller, action, resource, more);
    }

    /** A request with the condition keys that follow from the call: address, TLS, region, user agent, calling service. */
    public static AccessRequest of(CallContext call, String action, String resource) {
        return new AccessRequest(call.caller(), action, resource, conditionsOf(call));
    }

    /** The condition keys that follow from the call, in a map of the caller's own. */
    public static Map<String, List<String>> conditionsOf(CallContext call) {
        Map<String, List<String>> keys = new LinkedHashMap<>();
        keys.put("aws:SourceIp", List.of(call.sourceIp()));
        keys.put("aws:SecureTransport", List.of(Boolean.toString(call.secureTransport())));
        keys.put("aws:RequestedRegion", List.of(call.region()));
        keys.put("aws:UserAgent", List.of(call.userAgent()));
        String service = call.viaService();
        keys.put("aws:ViaAWSService", List.of(Boolean.toString(service != null)));
        if (service != null) {
            keys.put("kms:ViaService", List.of(service));
            // s3.us-east-1.amazonaws.com in one key is s3.amazonaws.com in the other
            List<String> principal =
                    List.of(service.substring(0, Math.max(0, service.indexOf('.'))) + ".amazonaws.com");
            keys.put("aws:CalledVia", principal);
            keys.put("aws:CalledViaFirst", principal);
            keys.put("aws:CalledViaLast", principal);
        }
        return keys;
    }
}
