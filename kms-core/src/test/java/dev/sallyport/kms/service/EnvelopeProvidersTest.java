package dev.sallyport.kms.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.EnvelopeReader;
import dev.sallyport.kms.envelope.EnvelopeWriter;
import dev.sallyport.kms.envelope.Envelopes;
import dev.sallyport.kms.envelope.KeyFileMasterKey;
import dev.sallyport.kms.envelope.KeyUnwrapper;
import dev.sallyport.kms.envelope.KmsMasterKey;
import dev.sallyport.kms.remote.CallerPolicies;
import dev.sallyport.kms.remote.RemoteKms;
import dev.sallyport.kms.remote.RemoteKmsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Master keys of different providers for one envelope: two KMS in this process, one that does not answer, a key file. */
class EnvelopeProvidersTest {
    private static final EncryptionContext CONTEXT = EncryptionContext.of("team", "blue");
    private static final byte[] CONTENT = Envelopes.plaintext(70_000);

    private final TestKms kms = new TestKms();
    private final TestKms elsewhere = new TestKms();
    private final KmsAccess admin = KmsAccess.of(kms.service, TestKms.as("admin"));
    private final KmsAccess there = KmsAccess.of(elsewhere.service, TestKms.as("admin"));
    private final String arn = kms.createKey().arn();
    private final String otherArn = elsewhere.createKey().arn();

    @Test
    void anyOneOfThreeOpensWhileTheOtherTwoAreDown() throws IOException {
        try (KeyFileMasterKey file = file();
                RemoteKms dead = dead()) {
            byte[] envelope = Envelopes.seal(
                    EnvelopeWriter.anyOf(List.of(new KmsMasterKey(admin, arn), new KmsMasterKey(there, otherArn), file))
                            .context(CONTEXT),
                    CONTENT);
            KeyUnwrapper down = KmsMasterKey.anyOf(KmsAccess.of(dead, TestKms.as("admin")));
            assertThat(Envelopes.open(envelope, down, file)).isEqualTo(CONTENT);
            assertThat(Envelopes.open(envelope, down, KmsMasterKey.anyOf(there)))
                    .isEqualTo(CONTENT);
            assertThat(Envelopes.open(envelope, KmsMasterKey.anyOf(admin))).isEqualTo(CONTENT);
            assertThatThrownBy(() -> Envelopes.open(envelope, down))
                    .hasMessageContaining(arn)
                    .hasMessageContaining(otherArn)
                    .hasMessageContaining("no such key was given");
        }
    }

    @Test
    void allOfThreeProvidersAreNeeded() throws IOException {
        try (KeyFileMasterKey file = file()) {
            KmsMasterKey here = new KmsMasterKey(admin, arn);
            KmsMasterKey other = new KmsMasterKey(there, otherArn);
            byte[] envelope = Envelopes.seal(
                    EnvelopeWriter.allOf(List.of(here, other, file)).cascade().context(CONTEXT), CONTENT);
            assertThat(Envelopes.open(envelope, here, other, file)).isEqualTo(CONTENT);
            for (List<KeyUnwrapper> some : List.<List<KeyUnwrapper>>of(
                    List.of(here, other), List.of(here, file), List.of(other, file), List.of(file))) {
                assertThatThrownBy(() -> Envelopes.open(EnvelopeReader.with(some), envelope))
                        .hasMessageContaining("all 3 keys are needed");
            }
            kms.call(new KmsRequest.DisableKey(arn));
            assertThatThrownBy(() -> Envelopes.open(envelope, here, other, file))
                    .hasMessageContaining("DisabledException");
            kms.call(new KmsRequest.EnableKey(arn));
            assertThat(Envelopes.open(envelope, here, other, file)).isEqualTo(CONTENT);
        }
    }

    @Test
    void aKeyIsNamedByIdArnOrAlias() throws IOException {
        kms.call(new KmsRequest.CreateAlias("alias/e", arn));
        String id = arn.substring(arn.indexOf('/') + 1);
        for (String name : List.of(id, arn, "alias/e", arn.replace("key/" + id, "alias/e"))) {
            KmsMasterKey key = new KmsMasterKey(admin, name);
            assertThat(Envelopes.open(Envelopes.seal(EnvelopeWriter.anyOf(List.of(key)), CONTENT), key))
                    .isEqualTo(CONTENT);
        }
        String another = kms.createKey().arn();
        byte[] envelope = Envelopes.seal(EnvelopeWriter.anyOf(List.of(new KmsMasterKey(admin, another))), CONTENT);
        for (String wrong : List.of(id, arn, "alias/e")) {
            assertThatThrownBy(() -> Envelopes.open(envelope, new KmsMasterKey(admin, wrong)))
                    .hasMessageContaining("no key at hand");
        }
    }

    @Test
    void whoMayNotUseTheKeyNeitherSealsNorOpens() {
        KmsAccess nobody = KmsAccess.of(kms.service, TestKms.as("nobody"));
        EnvelopeWriter denied = EnvelopeWriter.anyOf(List.of(new KmsMasterKey(nobody, arn)));
        assertThatThrownBy(() -> Envelopes.seal(denied, CONTENT)).isInstanceOf(KmsException.class);
        byte[] envelope = Envelopes.seal(EnvelopeWriter.anyOf(List.of(new KmsMasterKey(admin, arn))), CONTENT);
        assertThatThrownBy(() -> Envelopes.open(envelope, KmsMasterKey.anyOf(nobody)))
                .hasMessageContaining("AccessDeniedException");
        assertThat(kms.events).extracting(event -> event.eventName()).contains("Encrypt", "Decrypt");
    }

    private static KeyFileMasterKey file() {
        try (SecretBytes key = SecretBytes.random(32)) {
            return new KeyFileMasterKey(key);
        }
    }

    /** Of an address where nobody listens. */
    private static RemoteKms dead() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        return RemoteKms.connect(
                new RemoteKmsOptions(URI.create("http://127.0.0.1:" + port), TestKms.REGION, Duration.ofSeconds(2)),
                CallerPolicies.NONE,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")));
    }
}
