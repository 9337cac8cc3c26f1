import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.client.RemoteKmsAccess;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.EnvelopeException;
import dev.sallyport.kms.envelope.EnvelopeHeader;
import dev.sallyport.kms.envelope.EnvelopeInputStream;
import dev.sallyport.kms.envelope.EnvelopeReader;
import dev.sallyport.kms.envelope.EnvelopeWriter;
import dev.sallyport.kms.envelope.KeyFileMasterKey;
import dev.sallyport.kms.envelope.KeyUnwrapper;
import dev.sallyport.kms.envelope.KmsMasterKey;
import dev.sallyport.kms.remote.RemoteKmsOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Envelopes by the library: a text under a key of Sallyport's KMS and a key of one's own, of which either opens it; then one
 * that needs both, with two ciphers; and what a changed byte does. Endpoint, region and credentials come from the environment.
 *
 * <pre>java -cp 'examples/target/lib/*' examples/clients/Envelopes.java</pre>
 */
public class Envelopes {
    public static void main(String[] arguments) throws IOException {
        String region = System.getenv("AWS_REGION");
        RemoteKmsOptions where = new RemoteKmsOptions(
                URI.create(System.getenv("AWS_ENDPOINT_URL")), region, RemoteKmsOptions.ATTEMPT_TIMEOUT);
        byte[] text = "the text".getBytes(StandardCharsets.UTF_8);
        EncryptionContext context = EncryptionContext.of("purpose", "example");

        try (KmsAccess kms = new RemoteKmsAccess(where, region, "envelopes-example");
                SecretBytes bytes = SecretBytes.random(32); // KeyFileMasterKey.read(path) takes a file's
                KeyFileMasterKey offline = new KeyFileMasterKey(bytes)) {
            KmsMasterKey key = new KmsMasterKey(kms, System.getenv("SALLYPORT_KEY_ARN"));

            byte[] either = seal(EnvelopeWriter.anyOf(List.of(key, offline)).context(context), text);
            expect(text, open(either, context, key));
            expect(text, open(either, context, offline));
            EnvelopeHeader header = EnvelopeHeader.read(new ByteArrayInputStream(either));
            System.out.println("any of: " + header.wraps().get(0).keyId() + " opens it, and so does "
                    + header.wraps().get(1).keyId());

            byte[] both = seal(EnvelopeWriter.allOf(List.of(key, offline)).cascade().context(context), text);
            expect(text, open(both, context, key, offline));
            System.out.println("all of: without the KMS, " + refusal(both, context, offline));

            either[either.length - 1] ^= 1;
            System.out.println("changed: " + refusal(either, context, key));
        }
    }

    private static byte[] seal(EnvelopeWriter writer, byte[] text) throws IOException {
        ByteArrayOutputStream envelope = new ByteArrayOutputStream();
        writer.seal(new ByteArrayInputStream(text), envelope);
        return envelope.toByteArray();
    }

    private static byte[] open(byte[] envelope, EncryptionContext context, KeyUnwrapper... keys) throws IOException {
        EnvelopeReader reader = EnvelopeReader.with(List.of(keys)).requiring(context);
        try (EnvelopeInputStream opened = reader.open(new ByteArrayInputStream(envelope))) {
            return opened.readAllBytes();
        }
    }

    private static String refusal(byte[] envelope, EncryptionContext context, KeyUnwrapper... keys) throws IOException {
        try {
            open(envelope, context, keys);
        } catch (EnvelopeException e) {
            return e.getMessage();
        }
        throw new AssertionError("it opened");
    }

    private static void expect(byte[] expected, byte[] actual) {
        if (!Arrays.equals(expected, actual)) {
            throw new AssertionError("another text came back");
        }
    }
}
