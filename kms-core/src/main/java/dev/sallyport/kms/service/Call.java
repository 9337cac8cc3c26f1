package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way through the service: its circumstances, and what its audit event will tell. Used by one thread. What
 * is put here is never secret.
 */
final class Call {
    private final CallContext context;
    private final Operation operation;
    private final Map<String, Object> requestParameters = new LinkedHashMap<>();
    private final Map<String, Object> responseElements = new LinkedHashMap<>();
    private final List<String> keyArns = new ArrayList<>(2);
    private @Nullable String keyMaterialId;

    Call(CallContext context, Operation operation) {
        this.context = context;
        this.operation = operation;
    }

    CallContext context() {
        return context;
    }

    Operation operation() {
        return operation;
    }

    String accountId() {
        return context.caller().accountId();
    }

    String region() {
        return context.region();
    }

    /** A parameter of the request, in CloudTrail's lower camel case; a null value is left out. */
    Call parameter(String name, @Nullable Object value) {
        if (value != null) {
            requestParameters.put(name, value);
        }
        return this;
    }

    void responded(String name, Object value) {
        responseElements.put(name, value);
    }

    void touched(String keyArn) {
        if (!keyArns.contains(keyArn)) {
            keyArns.add(keyArn);
        }
    }

    void usedMaterial(String materialId) {
        keyMaterialId = materialId;
    }

    @Nullable Map<String, Object> requestParameters() {
        return requestParameters.isEmpty() ? null : requestParameters;
    }

    @Nullable Map<String, Object> responseElements() {
        return responseElements.isEmpty() ? null : responseElements;
    }

    List<String> keyArns() {
        return keyArns;
    }

    @Nullable String keyMaterialId() {
        return keyMaterialId;
    }
}
