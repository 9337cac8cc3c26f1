package dev.sallyport.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.KmsException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CloudTrailRecordTest {
    private static final UUID EVENT_ID = UUID.fromString("8f2d6b3a-0000-4000-8000-000000000001");
    private static final String IDENTITY =
            "\"type\":\"IAMUser\",\"principalId\":\"AIDAEXAMPLEALICE0001\",\"arn\":\"arn:aws:iam::111122223333:user/alice\","
                    + "\"accountId\":\"111122223333\",\"accessKeyId\":\"AKIAEXAMPLEALICE0001\",\"userName\":\"alice\"";

    private static String json(AuditEvent event) {
        return new String(CloudTrailRecord.toJson(event, EVENT_ID), StandardCharsets.UTF_8);
    }

    @Test
    void writesADirectCall() {
        assertThat(json(AuditEvents.decrypt("r-1", AuditEvents.TIME)))
                .isEqualTo("{\"eventVersion\":\"1.11\",\"userIdentity\":{" + IDENTITY
                        + "},\"eventTime\":\"2026-11-24T10:11:12Z\",\"eventSource\":\"kms.amazonaws.com\","
                        + "\"eventName\":\"Decrypt\",\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"192.0.2.7\","
                        + "\"userAgent\":\"aws-cli/2.31\","
                        + "\"requestParameters\":{\"encryptionAlgorithm\":\"SYMMETRIC_DEFAULT\"},\"responseElements\":null,"
                        + "\"additionalEventData\":{\"keyMaterialId\":"
                        + "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"},"
                        + "\"requestID\":\"r-1\",\"eventID\":\"8f2d6b3a-0000-4000-8000-000000000001\",\"readOnly\":true,"
                        + "\"resources\":[{\"accountId\":\"111122223333\",\"type\":\"AWS::KMS::Key\",\"ARN\":\""
                        + AuditEvents.KEY + "\"}],\"eventType\":\"AwsApiCall\",\"managementEvent\":true,"
                        + "\"recipientAccountId\":\"111122223333\",\"eventCategory\":\"Management\","
                        + "\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_256_GCM_SHA384\"}}");
    }

    @Test
    void writesADeniedCallThroughAService() {
        AuditEvent event = new AuditEvent(
                AuditEvents.call("r-2", "s3.us-east-1.amazonaws.com"),
                AuditEvents.TIME,
                "GenerateDataKey",
                true,
                Map.of("keySpec", "AES_256"),
                null,
                List.of(AuditEvents.KEY),
                null,
                KmsException.Code.ACCESS_DENIED.wireName(),
                "User: … is not authorized");
        assertThat(json(event))
                .isEqualTo("{\"eventVersion\":\"1.11\",\"userIdentity\":{" + IDENTITY
                        + ",\"invokedBy\":\"s3.amazonaws.com\"},\"eventTime\":\"2026-11-24T10:11:12Z\","
                        + "\"eventSource\":\"kms.amazonaws.com\",\"eventName\":\"GenerateDataKey\","
                        + "\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"s3.amazonaws.com\","
                        + "\"userAgent\":\"s3.amazonaws.com\",\"errorCode\":\"AccessDenied\","
                        + "\"errorMessage\":\"User: … is not authorized\",\"requestParameters\":{\"keySpec\":\"AES_256\"},"
                        + "\"responseElements\":null,\"additionalEventData\":{\"clientIPAddress\":\"192.0.2.7\","
                        + "\"clientUserAgent\":\"aws-cli/2.31\"},\"requestID\":\"r-2\","
                        + "\"eventID\":\"8f2d6b3a-0000-4000-8000-000000000001\",\"readOnly\":true,"
                        + "\"resources\":[{\"accountId\":\"111122223333\",\"type\":\"AWS::KMS::Key\",\"ARN\":\""
                        + AuditEvents.KEY + "\"}],\"eventType\":\"AwsApiCall\",\"managementEvent\":true,"
                        + "\"recipientAccountId\":\"111122223333\",\"eventCategory\":\"Management\"}");
    }

    @Test
    void writesWhatTheServiceDoesByItself() {
        Caller service =
                new Caller("arn:aws:iam::111122223333:root", "111122223333", "111122223333", "root", null, null);
        CallContext call = new CallContext(service, "us-east-1", "", "", "", false, null, null, null, List.of());
        AuditEvent event = new AuditEvent(
                call, AuditEvents.TIME, "RotateKey", false, null, null, List.of(AuditEvents.KEY), null, null, null);
        assertThat(json(event))
                .isEqualTo("{\"eventVersion\":\"1.11\",\"userIdentity\":{\"accountId\":\"111122223333\","
                        + "\"invokedBy\":\"AWS Internal\"},\"eventTime\":\"2026-11-24T10:11:12Z\","
                        + "\"eventSource\":\"kms.amazonaws.com\",\"eventName\":\"RotateKey\",\"awsRegion\":\"us-east-1\","
                        + "\"sourceIPAddress\":\"AWS Internal\",\"userAgent\":\"AWS Internal\","
                        + "\"requestParameters\":null,\"responseElements\":null,"
                        + "\"eventID\":\"8f2d6b3a-0000-4000-8000-000000000001\",\"readOnly\":false,"
                        + "\"resources\":[{\"accountId\":\"111122223333\",\"type\":\"AWS::KMS::Key\",\"ARN\":\""
                        + AuditEvents.KEY + "\"}],\"eventType\":\"AwsServiceEvent\",\"managementEvent\":true,"
                        + "\"recipientAccountId\":\"111122223333\",\"eventCategory\":\"Management\"}");
    }

    @Test
    void omitsElementsThatAreTooLarge() {
        AuditEvent event = new AuditEvent(
                AuditEvents.call("r-3", null),
                AuditEvents.TIME,
                "PutKeyPolicy",
                false,
                Map.of("policy", "x".repeat(200_000)),
                null,
                List.of(),
                null,
                null,
                null);
        assertThat(json(event))
                .contains("\"requestParameters\":{\"omitted\":true,\"originalSize\":200013,"
                        + "\"reason\":\"requestParameters too large\"}")
                .hasSizeLessThan(2_000);
    }
}
