package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.BucketKeyWrap;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.ObjectKeys;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.Plan;
import dev.sallyport.gateway.format.SseAlgorithm;
import dev.sallyport.gateway.format.SseFacts;
import dev.sallyport.gateway.format.WrappedKey;
import dev.sallyport.gateway.s3.S3Arn;
import dev.sallyport.gateway.sse.EncryptionPlan;
import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.DataKey;
import dev.sallyport.kms.DecryptedKey;
import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.crypto.SecretBytes;

/**
 * Makes and opens the data keys of objects. A write costs one GenerateDataKey and a read one Decrypt; with a bucket key,
 * neither when the bucket key is at hand.
 */
public final class ObjectKeyring {
    private static final int DATA_KEY_BYTES = 32;

    private final Kms kms;
    private final BucketKeys bucketKeys;

    public ObjectKeyring(Kms kms, BucketKeys bucketKeys) {
        this.kms = kms;
        this.bucketKeys = bucketKeys;
    }

    /**
     * A fresh data key and id for an object that is about to be written.
     *
     * @param bucket the gateway's name
     * @throws dev.sallyport.kms.KmsException when the KMS refuses
     */
    public SealingKey create(CallContext call, EncryptionPlan plan, String bucket, String key) {
        ObjectKeys keys = new ObjectKeys(Plan.AES_256_GCM, Id128.random());
        EncryptionContext context = plan.kmsContext(bucket, key);
        if (!plan.bucketKey()) {
            DataKey made = kms.generateDataKey(call, plan.keyId(), context, DATA_KEY_BYTES);
            return new SealingKey(
                    keys,
                    made.plaintext(),
                    WrappedKey.byKms(made.wrapped()),
                    facts(plan, made.keyArn()),
                    made.receipt());
        }
        SecretBytes dataKey = SecretBytes.random(DATA_KEY_BYTES);
        return underBucketKey(call, plan, bucket, key, keys, dataKey);
    }

    /**
     * Wraps the data key of an object anew, for another name, key or context.
     *
     * @param source the object's key, opened; closed by the caller
     */
    public SealingKey rewrap(CallContext call, SealingKey source, EncryptionPlan plan, String bucket, String key) {
        SecretBytes copy = source.dataKey().slice(0, source.dataKey().length());
        if (plan.bucketKey()) {
            return underBucketKey(call, plan, bucket, key, source.keys(), copy);
        }
        try {
            var wrapped = copy.use(bytes -> kms.encrypt(call, plan.keyId(), bytes, plan.kmsContext(bucket, key)));
            return new SealingKey(
                    source.keys(),
                    copy,
                    WrappedKey.byKms(wrapped.bytes()),
                    facts(plan, wrapped.keyArn()),
                    wrapped.receipt());
        } catch (RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /**
     * Opens the data key of an object.
     *
     * @throws dev.sallyport.kms.KmsException when the KMS refuses
     * @throws dev.sallyport.gateway.format.ForgedObjectException when it is not the key that the object was sealed with
     */
    public SealingKey open(CallContext call, ObjectMetadata metadata, String bucket, String key) {
        SseFacts sse = metadata.sse();
        EncryptionContext context = EncryptionPlan.kmsContext(sse.context(), sse.bucketKey(), bucket, key);
        byte[] blob = metadata.key().kmsBlob();
        byte[] wrapped = metadata.key().underBucketKey();
        SecretBytes dataKey;
        AuditReceipt receipt;
        if (wrapped == null) {
            DecryptedKey opened = kms.decrypt(call, blob, context, sse.keyArn());
            dataKey = opened.plaintext();
            receipt = opened.receipt();
        } else {
            try (BucketKeys.InUse bucketKey = bucketKeys.forReading(call, sse.keyArn(), blob, context)) {
                dataKey = BucketKeyWrap.unwrap(bucketKey.key(), metadata.keys(), S3Arn.object(bucket, key), wrapped);
                receipt = bucketKey.receipt();
            }
        }
        try {
            metadata.verifyKey(dataKey);
        } catch (RuntimeException e) {
            dataKey.close();
            throw e;
        }
        return new SealingKey(metadata.keys(), dataKey, metadata.key(), sse, receipt);
    }

    private SealingKey underBucketKey(
            CallContext call, EncryptionPlan plan, String bucket, String key, ObjectKeys keys, SecretBytes dataKey) {
        try (BucketKeys.InUse bucketKey = bucketKeys.forWriting(call, plan.keyId(), plan.kmsContext(bucket, key))) {
            byte[] wrapped = BucketKeyWrap.wrap(bucketKey.key(), keys, S3Arn.object(bucket, key), dataKey);
            return new SealingKey(
                    keys,
                    dataKey,
                    WrappedKey.byBucketKey(bucketKey.blob(), wrapped),
                    facts(plan, bucketKey.keyArn()),
                    bucketKey.receipt());
        } catch (RuntimeException e) {
            dataKey.close();
            throw e;
        }
    }

    private static SseFacts facts(EncryptionPlan plan, String keyArn) {
        return new SseFacts(SseAlgorithm.KMS, keyArn, plan.context(), plan.bucketKey());
    }
}
