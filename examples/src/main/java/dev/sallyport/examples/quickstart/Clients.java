package dev.sallyport.examples.quickstart;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sts.StsClient;

/** The AWS SDK for Java, unmodified, pointed at an endpoint. */
final class Clients {
    static final Region REGION = Region.US_EAST_1;

    private Clients() {}

    static S3Client s3(URI endpoint, String accessKey, String secretKey) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .region(REGION)
                .forcePathStyle(true)
                .credentialsProvider(credentials(accessKey, secretKey))
                .build();
    }

    static KmsClient kms(URI endpoint, String accessKey, String secretKey) {
        return KmsClient.builder()
                .endpointOverride(endpoint)
                .region(REGION)
                .credentialsProvider(credentials(accessKey, secretKey))
                .build();
    }

    static StsClient sts(URI endpoint, String accessKey, String secretKey) {
        return StsClient.builder()
                .endpointOverride(endpoint)
                .region(REGION)
                .credentialsProvider(credentials(accessKey, secretKey))
                .build();
    }

    private static StaticCredentialsProvider credentials(String accessKey, String secretKey) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey));
    }
}
