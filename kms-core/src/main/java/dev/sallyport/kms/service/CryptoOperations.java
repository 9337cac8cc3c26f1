package dev.sallyport.kms.service;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.ciphertext.CiphertextBlob;
import dev.sallyport.kms.ciphertext.Header;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import org.jspecify.annotations.Nullable;

/** Encrypt, Decrypt, ReEncrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom. */
final class CryptoOperations {
    private static final String SYMMETRIC = "SYMMETRIC_DEFAULT";

    private final KeyAccess access;
    private final KeyDirectory directory;
    private final KeyMaterials materials;

    CryptoOperations(KeyAccess access, KeyDirectory directory, KeyMaterials materials) {
        this.access = access;
        this.directory = directory;
        this.materials = materials;
    }

    KmsResponse.Encrypt encrypt(Call call, KmsRequest.Encrypt request) {
        call.parameter("keyId", request.keyId)
                .parameter("encryptionContext", pairs(request.encryptionContext))
                .parameter("encryptionAlgorithm", algorithm(request.encryptionAlgorithm));
        // S3 wraps an existing data key for a copy's new name; its callers need what they need to write an object.
        String action = call.context().viaService() == null ? "kms:Encrypt" : "kms:GenerateDataKey";
        KeyRecord key = access.find(call, request.keyId, true, action, Conditions.of(request.encryptionContext))
                .key();
        key.requireEnabled();
        requireSymmetric(request.encryptionAlgorithm);
        refuseDryRun(request.dryRun);
        return new KmsResponse.Encrypt(
                key.arn(), Bytes.wrap(seal(call, key, request.encryptionContext, request.plaintext)));
    }

    KmsResponse.Plaintext decrypt(Call call, KmsRequest.Decrypt request) {
        call.parameter("keyId", request.keyId())
                .parameter("encryptionContext", pairs(request.encryptionContext()))
                .parameter("encryptionAlgorithm", algorithm(request.encryptionAlgorithm()));
        refuseRecipient(request.recipient());
        Bytes blob = request.ciphertextBlob();
        if (blob == null || (request.dryRun() && request.ignoreCiphertext())) {
            throw dryRunWithoutCiphertext(
                    call,
                    request.keyId(),
                    "kms:Decrypt",
                    request.encryptionContext(),
                    request.dryRun() && request.ignoreCiphertext());
        }
        Opened opened = open(
                call,
                blob.toArray(),
                request.keyId(),
                "kms:Decrypt",
                Conditions.of(request.encryptionContext()),
                request.encryptionContext(),
                request.encryptionAlgorithm());
        if (request.dryRun()) {
            opened.plaintext().close();
            throw dryRun();
        }
        return new KmsResponse.Plaintext(opened.plaintext(), opened.key().arn(), opened.materialId(), null);
    }

    KmsResponse.ReEncrypt reEncrypt(Call call, KmsRequest.ReEncrypt request) {
        call.parameter("sourceKeyId", request.sourceKeyId())
                .parameter("destinationKeyId", request.destinationKeyId())
                .parameter("sourceEncryptionContext", pairs(request.sourceEncryptionContext()))
                .parameter("destinationEncryptionContext", pairs(request.destinationEncryptionContext()))
                .parameter("sourceEncryptionAlgorithm", algorithm(request.sourceEncryptionAlgorithm()))
                .parameter("destinationEncryptionAlgorithm", algorithm(request.destinationEncryptionAlgorithm()));
        Bytes blob = request.ciphertextBlob();
        if (blob == null || (request.dryRun() && request.ignoreCiphertext())) {
            throw dryRunWithoutCiphertext(
                    call,
                    request.sourceKeyId(),
                    "kms:ReEncryptFrom",
                    request.sourceEncryptionContext(),
                    request.dryRun() && request.ignoreCiphertext());
        }
        byte[] ciphertext = blob.toArray();
        String same = String.valueOf(sameKey(call, ciphertext, request.destinationKeyId()));
        Opened opened = open(
                call,
                ciphertext,
                request.sourceKeyId(),
                "kms:ReEncryptFrom",
                Conditions.of(request.sourceEncryptionContext()).with("kms:ReEncryptOnSameKey", same),
                request.sourceEncryptionContext(),
                request.sourceEncryptionAlgorithm());
        try (SecretBytes plaintext = opened.plaintext()) {
            KeyRecord destination = access.find(
                            call,
                            request.destinationKeyId(),
                            true,
                            "kms:ReEncryptTo",
                            Conditions.of(request.destinationEncryptionContext())
                                    .with("kms:ReEncryptOnSameKey", same))
                    .key();
            destination.requireEnabled();
            requireSymmetric(request.destinationEncryptionAlgorithm());
            refuseDryRun(request.dryRun());
            byte[] sealed = seal(call, destination, request.destinationEncryptionContext(), plaintext);
            return new KmsResponse.ReEncrypt(
                    opened.key().arn(),
                    destination.arn(),
                    Bytes.wrap(sealed),
                    opened.materialId(),
                    destination.currentMaterial().id());
        }
    }

    KmsResponse generateDataKey(Call call, KmsRequest.GenerateDataKey request) {
        call.parameter("keyId", request.keyId())
                .parameter("encryptionContext", pairs(request.encryptionContext()))
                .parameter("numberOfBytes", request.numberOfBytes())
                .parameter("keySpec", request.keySpec());
        int length = dataKeyLength(request);
        refuseRecipient(request.recipient());
        KeyRecord key = access.keyOrAlias(call, request.keyId(), Conditions.of(request.encryptionContext()))
                .key();
        key.requireEnabled();
        refuseDryRun(request.dryRun());
        SecretBytes plaintext = SecretBytes.random(length);
        try {
            Bytes sealed = Bytes.wrap(seal(call, key, request.encryptionContext(), plaintext));
            String materialId = key.currentMaterial().id();
            if (request.withPlaintext()) {
                return new KmsResponse.Plaintext(plaintext, key.arn(), materialId, sealed);
            }
            plaintext.close();
            return new KmsResponse.GenerateDataKeyWithoutPlaintext(key.arn(), sealed, materialId);
        } catch (RuntimeException e) {
            plaintext.close();
            throw e;
        }
    }

    KmsResponse.Plaintext generateRandom(Call call, KmsRequest.GenerateRandom request) {
        Integer length = request.numberOfBytes();
        call.parameter("numberOfBytes", length);
        if (length == null) {
            throw Checks.validation("NumberOfBytes is required.");
        }
        refuseRecipient(request.recipient());
        if (request.customKeyStoreId() != null) {
            throw Checks.unsupported("CustomKeyStoreId is not supported.");
        }
        access.authorizeResource(call, "kms:GenerateRandom", "*", Conditions.none());
        return new KmsResponse.Plaintext(SecretBytes.random(length), null, null, null);
    }

    /** A class in spirit: it holds a secret that whoever gets it closes. */
    private static final class Opened {
        private final KeyRecord key;
        private final String materialId;
        private final SecretBytes plaintext;

        Opened(KeyRecord key, String materialId, SecretBytes plaintext) {
            this.key = key;
            this.materialId = materialId;
            this.plaintext = plaintext;
        }

        KeyRecord key() {
            return key;
        }

        String materialId() {
            return materialId;
        }

        SecretBytes plaintext() {
            return plaintext;
        }
    }

    private Opened open(
            Call call,
            byte[] blob,
            @Nullable String keyId,
            String action,
            Conditions conditions,
            EncryptionContext context,
            @Nullable String algorithm) {
        KnownKey named = keyId == null ? null : access.find(call, keyId, true, action, conditions);
        if (named != null) {
            named.key().requireEnabled();
        }
        requireSymmetric(algorithm);
        Header header = header(blob);
        KnownKey cached;
        if (named == null) {
            cached = directory
                    .key(call.accountId(), call.region(), header.keyId())
                    .orElseThrow(() -> KeyAccess.notOurs(call, action, "the resource associated with this ciphertext"));
            access.authorize(call, cached, action, conditions);
            cached.key().requireEnabled();
        } else if (named.key().keyId().equals(header.keyId())) {
            cached = named;
        } else {
            throw new KmsException(
                    Code.INCORRECT_KEY,
                    "The key ID in the request does not identify a CMK that can perform this operation.");
        }
        KeyRecord key = cached.key();
        if (!key.hasMaterial(header.materialId())) {
            throw KmsException.invalidCiphertext();
        }
        try {
            SecretBytes plaintext =
                    materials.use(key, header.materialId(), material -> CiphertextBlob.open(material, blob, context));
            call.usedMaterial(header.materialId());
            return new Opened(key, header.materialId(), plaintext);
        } catch (AuthenticationFailedException e) {
            throw KmsException.invalidCiphertext();
        }
    }

    private byte[] seal(Call call, KeyRecord key, EncryptionContext context, SecretBytes plaintext) {
        String materialId = key.currentMaterial().id();
        byte[] blob = materials.use(
                key,
                materialId,
                material -> CiphertextBlob.seal(material, key.keyId(), materialId, context, plaintext));
        if (call.operation() != Operation.RE_ENCRYPT) {
            call.usedMaterial(materialId);
        }
        return blob;
    }

    /** For the condition key only: whether the destination names the key of the ciphertext. */
    private boolean sameKey(Call call, byte[] blob, String destination) {
        KeyName name = KeyName.parse(destination, call.accountId(), call.region(), true);
        String keyId = switch (name) {
            case KeyName.Id id -> id.keyId();
            case KeyName.Alias alias ->
                directory
                        .aliasTarget(alias.accountId(), call.region(), alias.name())
                        .orElse("");
        };
        return name.accountId().equals(call.accountId()) && header(blob).keyId().equals(keyId);
    }

    private KmsException dryRunWithoutCiphertext(
            Call call, @Nullable String keyId, String action, EncryptionContext context, boolean ignored) {
        if (!ignored) {
            return Checks.validation(
                    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null");
        }
        if (keyId == null) {
            return Checks.validation("KeyId is required when the ciphertext is ignored.");
        }
        access.find(call, keyId, true, action, Conditions.of(context)).key().requireEnabled();
        return dryRun();
    }

    private static Header header(byte[] blob) {
        try {
            return CiphertextBlob.parse(blob);
        } catch (AuthenticationFailedException e) {
            throw KmsException.invalidCiphertext();
        }
    }

    private static int dataKeyLength(KmsRequest.GenerateDataKey request) {
        Integer numberOfBytes = request.numberOfBytes();
        String keySpec = request.keySpec();
        if ((numberOfBytes == null) == (keySpec == null)) {
            throw Checks.validation("Please specify either number of bytes or key spec.");
        }
        if (numberOfBytes != null) {
            return numberOfBytes;
        }
        return "AES_128".equals(keySpec) ? 16 : 32;
    }

    private static void requireSymmetric(@Nullable String algorithm) {
        if (algorithm != null && !algorithm.equals(SYMMETRIC)) {
            throw new KmsException(
                    Code.INVALID_KEY_USAGE,
                    "Algorithm " + algorithm + " is incompatible with key spec " + SYMMETRIC + ".");
        }
    }

    private static void refuseRecipient(boolean recipient) {
        if (recipient) {
            throw Checks.unsupported("Recipient is not supported.");
        }
    }

    private static void refuseDryRun(boolean dryRun) {
        if (dryRun) {
            throw dryRun();
        }
    }

    static KmsException dryRun() {
        return new KmsException(Code.DRY_RUN, "The request would have succeeded, but the DryRun option is set.");
    }

    private static String algorithm(@Nullable String given) {
        return given == null ? SYMMETRIC : given;
    }

    private static @Nullable Object pairs(EncryptionContext context) {
        return context.isEmpty() ? null : context.pairs();
    }
}
