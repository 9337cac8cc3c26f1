package dev.sallyport.kms.service;

import dev.sallyport.kms.EncryptionContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests about grants, with the members of the API in their own names.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/grants.html">Grants in AWS KMS</a>
 */
public sealed interface GrantRequest extends KmsRequest {
    /**
     * @param operations in the API's names, one or more
     * @param contextEquals null when the request has none; one without pairs stands for an empty map
     * @param contextSubset null when the request has none
     */
    record CreateGrant(
            String keyId,
            @Nullable String granteePrincipal,
            @Nullable String retiringPrincipal,
            List<String> operations,
            @Nullable EncryptionContext contextEquals,
            @Nullable EncryptionContext contextSubset,
            @Nullable String sourceArn,
            @Nullable String name,
            @Nullable String granteeServicePrincipal,
            @Nullable String retiringServicePrincipal,
            boolean dryRun)
            implements GrantRequest {
        public CreateGrant {
            operations = List.copyOf(operations);
        }

        /** A grant without constraint or name. */
        public static CreateGrant of(String keyId, String granteePrincipal, String... operations) {
            return new CreateGrant(
                    keyId, granteePrincipal, null, List.of(operations), null, null, null, null, null, null, false);
        }

        @Override
        public Operation operation() {
            return Operation.CREATE_GRANT;
        }
    }

    record ListGrants(
            String keyId,
            @Nullable String grantId,
            @Nullable String granteePrincipal,
            @Nullable String granteeServicePrincipal,
            @Nullable Integer limit,
            @Nullable String marker)
            implements GrantRequest {
        @Override
        public Operation operation() {
            return Operation.LIST_GRANTS;
        }
    }

    record ListRetirableGrants(
            @Nullable String retiringPrincipal,
            @Nullable String retiringServicePrincipal,
            @Nullable Integer limit,
            @Nullable String marker)
            implements GrantRequest {
        @Override
        public Operation operation() {
            return Operation.LIST_RETIRABLE_GRANTS;
        }
    }

    /** By its token, or by its key and id. */
    record RetireGrant(
            @Nullable String grantToken,
            @Nullable String keyId,
            @Nullable String grantId,
            boolean dryRun) implements GrantRequest {
        @Override
        public Operation operation() {
            return Operation.RETIRE_GRANT;
        }
    }

    record RevokeGrant(String keyId, String grantId, boolean dryRun) implements GrantRequest {
        @Override
        public Operation operation() {
            return Operation.REVOKE_GRANT;
        }
    }
}
