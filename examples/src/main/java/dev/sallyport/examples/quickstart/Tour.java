package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;

/** The main job on a real file: upload, look at what the store has, download, compare; then what is refused. */
final class Tour {
    private static final int SHOWN = 32;

    private final Consumer<String> say;
    private final KmsClient kms;
    private final S3Client gateway;
    private final S3Client store;

    Tour(Consumer<String> say, KmsClient kms, S3Client gateway, S3Client store) {
        this.say = say;
        this.kms = kms;
        this.gateway = gateway;
        this.store = store;
    }

    /** Creates a customer-managed key and gives its ARN. */
    String createKey() {
        String arn = kms.createKey(request -> request.description("the quickstart's key"))
                .keyMetadata()
                .arn();
        say.accept("Created a key: " + arn);
        return arn;
    }

    /** Creates a bucket whose default encryption is under {@code keyArn}. */
    void createBucket(String bucket, String keyArn) {
        gateway.createBucket(request -> request.bucket(bucket));
        ServerSideEncryptionRule rule = ServerSideEncryptionRule.builder()
                .applyServerSideEncryptionByDefault(standard ->
                        standard.sseAlgorithm(ServerSideEncryption.AWS_KMS).kmsMasterKeyID(keyArn))
                .build();
        gateway.putBucketEncryption(request ->
                request.bucket(bucket).serverSideEncryptionConfiguration(configuration -> configuration.rules(rule)));
        say.accept("Created bucket " + bucket + ", encrypted under that key by default");
    }

    /** Uploads {@code file}, shows the ciphertext, downloads and compares. */
    void roundTrip(String bucket, String keyArn, Path file) throws IOException {
        String key = file.getFileName().toString();
        byte[] plaintext = Files.readAllBytes(file);

        var uploaded = gateway.putObject(request -> request.bucket(bucket).key(key), file);
        expect(
                "aws:kms".equals(uploaded.serverSideEncryptionAsString()) && keyArn.equals(uploaded.ssekmsKeyId()),
                "the upload's answer does not name the key");
        say.accept("Uploaded " + file.getFileName() + " (" + plaintext.length + " bytes), encrypted with "
                + uploaded.serverSideEncryptionAsString());

        byte[] stored = store.getObjectAsBytes(request -> request.bucket(bucket).key(key))
                .asByteArrayUnsafe();
        expect(stored.length > plaintext.length, "the store holds fewer bytes than were uploaded");
        expect(!holdsAnyOf(stored, plaintext), "the store holds plaintext");
        say.accept("The file begins:          " + printable(plaintext));
        say.accept("The store's copy begins:  " + HexFormat.of().formatHex(stored, 0, Math.min(SHOWN, stored.length))
                + "  (" + stored.length + " bytes)");

        ResponseBytes<GetObjectResponse> downloaded =
                gateway.getObjectAsBytes(request -> request.bucket(bucket).key(key));
        expect(Arrays.equals(plaintext, downloaded.asByteArrayUnsafe()), "the download differs from the file");
        ListObjectsV2Response listing = gateway.listObjectsV2(request -> request.bucket(bucket));
        expect(
                listing.contents().stream()
                        .anyMatch(object -> object.key().equals(key)
                                && object.size() == plaintext.length
                                && object.eTag().equals(downloaded.response().eTag())),
                "the listing does not show the file's size");
        say.accept("Downloaded it: identical, and the listing shows its own size");
    }

    /** Shows that the key decides: who may not use it is refused, and so is everybody once it is disabled. */
    void refusals(String bucket, String keyArn, Path file, S3Client stranger) {
        String key = file.getFileName().toString();
        expect(
                "AccessDenied".equals(refusal(stranger, bucket, key)),
                "the unprivileged principal was not refused with AccessDenied");
        say.accept("The unprivileged principal is refused: AccessDenied");

        kms.disableKey(request -> request.keyId(keyArn));
        String code = refusal(gateway, bucket, key);
        kms.enableKey(request -> request.keyId(keyArn));
        expect("KMS.DisabledException".equals(code), "a read under a disabled key gave " + code);
        gateway.getObjectAsBytes(request -> request.bucket(bucket).key(key));
        say.accept("With the key disabled a read is refused (" + code + "); enabled again, it works");
    }

    private static String refusal(S3Client client, String bucket, String key) {
        try {
            client.getObjectAsBytes(request -> request.bucket(bucket).key(key));
            return "no error";
        } catch (AwsServiceException e) {
            return e.awsErrorDetails().errorCode();
        }
    }

    /** @throws QuickstartException with {@code otherwise} unless the condition holds */
    static void expect(boolean condition, String otherwise) {
        if (!condition) {
            throw new QuickstartException(otherwise);
        }
    }

    /** Whether any 16 bytes of {@code plaintext}, at steps of 16, stand in {@code stored}. */
    private static boolean holdsAnyOf(byte[] stored, byte[] plaintext) {
        String haystack = new String(stored, StandardCharsets.ISO_8859_1);
        String needles = new String(plaintext, StandardCharsets.ISO_8859_1);
        for (int i = 0; i + 16 <= needles.length(); i += 16) {
            if (haystack.contains(needles.substring(i, i + 16))) {
                return true;
            }
        }
        return false;
    }

    /** The beginning of a text, on one line. */
    static String printable(byte[] bytes) {
        String text = new String(bytes, 0, Math.min(2 * SHOWN, bytes.length), StandardCharsets.US_ASCII);
        return text.replaceAll("[^\\x20-\\x7e]+", " ").strip();
    }
}
