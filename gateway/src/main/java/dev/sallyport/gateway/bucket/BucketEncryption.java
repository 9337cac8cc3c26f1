package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.SmallBody;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.s3.XmlWriter;
import dev.sallyport.gateway.sse.DefaultEncryption;
import dev.sallyport.gateway.sse.DefaultEncryption.Rule;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GetBucketEncryption, PutBucketEncryption and DeleteBucketEncryption: one setting of the gateway's own. */
public final class BucketEncryption {
    private static final int MAX_BODY = 16 * 1024;

    private final BucketStore store;
    private final BucketSettingsStore settings;
    private final String installationKey;

    /** With the managed key where nothing was put. */
    public BucketEncryption(BucketStore store, BucketSettingsStore settings) {
        this(store, settings, DefaultEncryption.MANAGED_KEY);
    }

    /** @param installationKey what is shown where nothing was put */
    public BucketEncryption(BucketStore store, BucketSettingsStore settings, String installationKey) {
        this.store = store;
        this.settings = settings;
        this.installationKey = installationKey;
    }

    /** Answers a rule always: where none was put, the installation's. */
    public void get(S3Call call, BucketRequest.GetBucketEncryption request) {
        store.requireBucket(call, request.bucket());
        Rule put = settings.get(request.bucket()).encryption();
        String keyId = put == null ? installationKey : put.keyId();
        XmlWriter xml = XmlWriter.document("ServerSideEncryptionConfiguration").open("Rule");
        xml.open("ApplyServerSideEncryptionByDefault")
                .element("SSEAlgorithm", "aws:kms")
                .optional("KMSMasterKeyID", keyId)
                .close();
        call.respondXml(xml.element("BucketKeyEnabled", put != null && put.bucketKey()));
    }

    public void put(S3Call call, BucketRequest.PutBucketEncryption request) {
        byte[] body = SmallBody.read(call, request.digests(), MAX_BODY);
        store.requireBucket(call, request.bucket());
        settings.putEncryption(request.bucket(), parse(body));
        call.respond(200, new DefaultHttpHeaders());
    }

    /** Idempotent. */
    public void delete(S3Call call, BucketRequest.DeleteBucketEncryption request) {
        store.requireBucket(call, request.bucket());
        settings.putEncryption(request.bucket(), null);
        call.respond(204, new DefaultHttpHeaders());
    }

    static Rule parse(byte[] body) {
        List<XmlElement> rules =
                XmlElement.parse(body, "ServerSideEncryptionConfiguration").children();
        if (rules.size() != 1 || !rules.get(0).name().equals("Rule")) {
            throw S3Errors.malformedXml();
        }
        String keyId = null;
        boolean bucketKey = false;
        for (XmlElement element : rules.get(0).children()) {
            switch (element.name()) {
                case "ApplyServerSideEncryptionByDefault" -> keyId = keyOf(element);
                case "BucketKeyEnabled" -> bucketKey = bool(element.text());
                case "BlockedEncryptionTypes" -> checkBlocked(element);
                default -> throw S3Errors.malformedXml();
            }
        }
        return new Rule(keyId, bucketKey);
    }

    private static @Nullable String keyOf(XmlElement apply) {
        String algorithm = apply.childText("SSEAlgorithm");
        String keyId = apply.childText("KMSMasterKeyID");
        return switch (algorithm) {
            case "aws:kms" -> keyId == null || keyId.isBlank() ? null : keyId.strip();
            case "AES256", "aws:kms:dsse" -> {
                if (keyId != null && algorithm.equals("AES256")) {
                    throw S3Errors.invalidArgument(
                            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                            "ApplyServerSideEncryptionByDefault",
                            null);
                }
                throw S3Errors.notImplemented("default encryption algorithm " + algorithm);
            }
            case null, default -> throw S3Errors.malformedXml();
        };
    }

    // SSE-C is refused whatever the setting, so blocking it is what holds anyway.
    private static void checkBlocked(XmlElement blocked) {
        for (XmlElement type : blocked.children("EncryptionType")) {
            if (!type.text().equals("SSE-C")) {
                throw S3Errors.notImplemented("blocked encryption type " + type.text());
            }
        }
    }

    private static boolean bool(String text) {
        return switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw S3Errors.malformedXml();
        };
    }
}
