package dev.sallyport.kms.service;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What DescribeKey tells of a key. All keys here are symmetric, for encryption, with material of this service's making.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html">KeyMetadata</a>
 */
public record KeyMetadata(
        String awsAccountId,
        String keyId,
        String arn,
        Instant creationDate,
        boolean enabled,
        String description,
        KeyState keyState,
        @Nullable Instant deletionDate,
        boolean awsManaged,
        String currentKeyMaterialId) {
    static KeyMetadata of(KeyRecord key) {
        return new KeyMetadata(
                key.accountId(),
                key.keyId(),
                key.arn(),
                key.creationDate(),
                key.state() == KeyState.ENABLED,
                key.description(),
                key.state(),
                key.deletionDate(),
                key.awsManaged(),
                key.currentMaterial().id());
    }
}
