import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Sallyport by the AWS SDK for Java v2: an object under a key and an encryption context of one's own, a presigned URL,
 * and a data key of the KMS. Endpoint, region and credentials come from the environment, as always with the SDK.
 *
 * <pre>java -cp 'examples/target/lib/*' examples/clients/AwsSdk.java</pre>
 */
public class AwsSdk {
    public static void main(String[] arguments) throws Exception {
        URI endpoint = URI.create(System.getenv("AWS_ENDPOINT_URL"));
        String bucket = System.getenv("SALLYPORT_BUCKET");
        String key = System.getenv("SALLYPORT_KEY_ARN");
        String text = "the text";

        // by path, since virtual-host addressing needs a name for each bucket
        try (S3Client s3 = S3Client.builder().endpointOverride(endpoint).forcePathStyle(true).build()) {
            String context = Base64.getEncoder().encodeToString("{\"team\":\"blue\"}".getBytes(StandardCharsets.UTF_8));
            s3.putObject(
                    request -> request.bucket(bucket)
                            .key("aws-sdk.txt")
                            .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                            .ssekmsKeyId(key)
                            .ssekmsEncryptionContext(context),
                    RequestBody.fromString(text));
            HeadObjectResponse head = s3.headObject(request -> request.bucket(bucket).key("aws-sdk.txt"));
            expect(key, head.ssekmsKeyId());
            expect((long) text.length(), head.contentLength());
            expect(
                    "text",
                    s3.getObjectAsBytes(request -> request.bucket(bucket).key("aws-sdk.txt").range("bytes=4-7"))
                            .asUtf8String());
            System.out.println("S3: put, head and a range of aws-sdk.txt, under " + head.ssekmsKeyId());
        }

        try (S3Presigner presigner = S3Presigner.builder()
                .endpointOverride(endpoint)
                .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
                .build()) {
            URI url = presigner
                    .presignGetObject(presign -> presign.signatureDuration(Duration.ofMinutes(5))
                            .getObjectRequest(request -> request.bucket(bucket).key("aws-sdk.txt")))
                    .url()
                    .toURI();
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
            expect(text, answer.body());
            System.out.println("S3: read by a presigned URL, without credentials");
        }

        try (KmsClient kms = KmsClient.builder().endpointOverride(endpoint).build()) {
            Map<String, String> context = Map.of("purpose", "example");
            GenerateDataKeyResponse generated = kms.generateDataKey(
                    request -> request.keyId(key).keySpec(DataKeySpec.AES_256).encryptionContext(context));
            SdkBytes opened = kms.decrypt(request ->
                            request.ciphertextBlob(generated.ciphertextBlob()).encryptionContext(context))
                    .plaintext();
            expect(generated.plaintext(), opened);
            System.out.println("KMS: generated a data key, and opened its ciphertext");
        }
    }

    private static void expect(Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError("expected " + expected + ", was " + actual);
        }
    }
}
