package dev.sallyport.gateway.kmsapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.CallContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KeyListEntry;
import software.amazon.awssdk.services.kms.model.KeyManagerType;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.NotFoundException;
import software.amazon.awssdk.services.kms.model.RotationsListEntry;
import software.amazon.awssdk.services.kms.model.Tag;
import software.amazon.awssdk.services.sts.StsClient;

/** The AWS SDK reads what the endpoints write: its client, with the network replaced by a call. */
class AwsSdkTest {
    @TempDir
    Path directory = Path.of("");

    private KmsFixture fixture;
    private KmsClient kms;

    @BeforeEach
    void open() {
        fixture = KmsFixture.create(directory);
        kms = KmsClient.builder()
                .region(Region.of(KmsFixture.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "none")))
                .endpointOverride(URI.create("http://localhost"))
                .httpClient(new InProcess(fixture))
                .build();
    }

    @AfterEach
    void close() {
        kms.close();
        fixture.close();
    }

    @Test
    void aKeyLives() {
        KeyMetadata key = kms.createKey(request -> request.description("ä 中")
                        .tags(Tag.builder().tagKey("team").tagValue("blue").build()))
                .keyMetadata();
        assertThat(key.keyState()).isEqualTo(KeyState.ENABLED);
        assertThat(key.description()).isEqualTo("ä 中");
        assertThat(key.creationDate()).isBetween(Instant.now().minus(Duration.ofMinutes(5)), Instant.now());
        kms.createAlias(request -> request.aliasName("alias/app").targetKeyId(key.keyId()));
        SdkBytes plaintext = SdkBytes.fromUtf8String("hello");
        var encrypted = kms.encrypt(request ->
                request.keyId("alias/app").plaintext(plaintext).encryptionContext(Map.of("purpose", "test")));
        assertThat(encrypted.keyId()).isEqualTo(key.arn());
        kms.rotateKeyOnDemand(request -> request.keyId(key.keyId()));
        var decrypted = kms.decrypt(request ->
                request.ciphertextBlob(encrypted.ciphertextBlob()).encryptionContext(Map.of("purpose", "test")));
        assertThat(decrypted.plaintext()).isEqualTo(plaintext);
        assertThat(decrypted.keyMaterialId()).isEqualTo(key.currentKeyMaterialId());
        assertThatThrownBy(() -> kms.decrypt(request -> request.ciphertextBlob(encrypted.ciphertextBlob())))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThat(kms.listKeyRotationsPaginator(request -> request.keyId(key.keyId()))
                        .rotations())
                .extracting(RotationsListEntry::rotationTypeAsString)
                .containsExactly("ON_DEMAND");
        kms.disableKey(request -> request.keyId(key.keyId()));
        assertThatThrownBy(() ->
                        kms.generateDataKey(request -> request.keyId(key.arn()).numberOfBytes(32)))
                .isInstanceOf(DisabledException.class)
                .hasMessageContaining(key.arn() + " is disabled.");
        kms.scheduleKeyDeletion(request -> request.keyId(key.keyId()).pendingWindowInDays(7));
        assertThat(kms.describeKey(request -> request.keyId(key.keyId()))
                        .keyMetadata()
                        .deletionDate())
                .isAfter(Instant.now().plus(Duration.ofDays(6)));
        kms.cancelKeyDeletion(request -> request.keyId(key.keyId()));
        assertThat(kms.describeKey(request -> request.keyId("alias/app"))
                        .keyMetadata()
                        .keyState())
                .isEqualTo(KeyState.DISABLED);
    }

    @Test
    void errorsHaveTheirClasses() {
        assertThatThrownBy(() -> kms.describeKey(request -> request.keyId("alias/none")))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> kms.listKeys(request -> request.limit(0)))
                .isInstanceOfSatisfying(KmsException.class, e -> {
                    assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
                    assertThat(e.requestId()).isNotBlank();
                });
        assertThatThrownBy(() -> kms.getPublicKey(request -> request.keyId("x")))
                .isInstanceOfSatisfying(
                        KmsException.class,
                        e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("UnknownOperationException"));
    }

    @Test
    void paginatorsSeeEverything() {
        for (int i = 0; i < 5; i++) {
            kms.createKey();
        }
        assertThat(kms.listKeysPaginator(request -> request.limit(2)).keys())
                .extracting(KeyListEntry::keyId)
                .hasSize(5)
                .doesNotHaveDuplicates();
        KeyMetadata managed =
                kms.describeKey(request -> request.keyId("alias/aws/s3")).keyMetadata();
        assertThat(managed.keyManager()).isEqualTo(KeyManagerType.AWS);
        assertThat(kms.listAliases().aliases()).hasSize(1);
    }

    @Test
    void stsTellsWhoCalls() {
        try (StsClient sts = StsClient.builder()
                .region(Region.of(KmsFixture.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIATEST", "none")))
                .endpointOverride(URI.create("http://localhost"))
                .httpClient(new InProcess(fixture))
                .build()) {
            assertThat(sts.getCallerIdentity().arn()).isEqualTo("arn:aws:iam::111111111111:user/admin");
        }
    }

    private static final class InProcess implements SdkHttpClient {
        private final KmsFixture fixture;

        InProcess(KmsFixture fixture) {
            this.fixture = fixture;
        }

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() {
                    return answer(request);
                }

                @Override
                public void abort() {}
            };
        }

        private HttpExecuteResponse answer(HttpExecuteRequest request) {
            byte[] body = request.contentStreamProvider()
                    .map(provider -> {
                        try (var stream = provider.newStream()) {
                            return stream.readAllBytes();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .orElse(new byte[0]);
            CallContext call = KmsFixture.as("admin", KmsFixture.REGION);
            String target =
                    request.httpRequest().firstMatchingHeader("X-Amz-Target").orElse("");
            Reply reply = target.isEmpty()
                    ? StsEndpoint.handle(call.caller(), call.requestId(), body)
                    : fixture.endpoint.handle(call, target, body);
            SdkHttpFullResponse.Builder response = SdkHttpFullResponse.builder().statusCode(reply.status());
            reply.headers().forEach((name, value) -> response.putHeader(name, List.of(value)));
            return HttpExecuteResponse.builder()
                    .response(response.build())
                    .responseBody(AbortableInputStream.create(new ByteArrayInputStream(reply.body())))
                    .build();
        }

        @Override
        public void close() {}
    }
}
