package dev.sallyport.gateway.kmsapi;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.service.Operation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Any bytes are read or refused as AWS refuses them; nothing else is thrown. */
class KmsEndpointFuzzTest {
    private static final Operation[] OPERATIONS = Operation.values();

    @FuzzTest(maxDuration = "5m")
    void anyBodyIsReadOrRefused(byte[] input) {
        if (input.length > 0) {
            read(OPERATIONS[(input[0] & 0xff) % OPERATIONS.length], Arrays.copyOfRange(input, 1, input.length));
        }
    }

    @Test
    void seeds() {
        String[] seeds = {
            "{}",
            "{\"KeyId\":\"a\",\"Plaintext\":\"AA==\",\"EncryptionContext\":{\"a\":\"b\"}}",
            "{\"Tags\":[{}]}",
            "{\"Tags\":[null,{\"TagKey\":null}]}",
            "{\"CiphertextBlob\":\"?\"}",
            "{\"GrantTokens\":[null]}",
            "[[[["
        };
        for (String seed : seeds) {
            for (Operation operation : OPERATIONS) {
                read(operation, seed.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void read(Operation operation, byte[] body) {
        try {
            var json = JsonBody.parse(body);
            Validator.check(json, ApiModel.input(operation));
            RequestReader.read(operation, json);
        } catch (KmsException e) {
            if (e.code() != KmsException.Code.SERIALIZATION && e.code() != KmsException.Code.VALIDATION) {
                throw e;
            }
        }
    }
}
