package dev.sallyport.gateway.s3;

import java.util.List;
import java.util.Set;

/**
 * The query parameters by which S3 tells operations apart. Those that the gateway does not implement are here too, so that
 * a refusal names them.
 */
final class Subresources {
    private static final Set<String> ALL = Set.of(
            "abac",
            "accelerate",
            "acl",
            "analytics",
            "attributes",
            "cors",
            "delete",
            "encryption",
            "intelligent-tiering",
            "inventory",
            "legal-hold",
            "lifecycle",
            "location",
            "logging",
            "metadataConfiguration",
            "metadataInventoryTable",
            "metadataJournalTable",
            "metadataTable",
            "metrics",
            "notification",
            "object-lock",
            "ownershipControls",
            "policy",
            "policyStatus",
            "publicAccessBlock",
            "renameObject",
            "replication",
            "requestPayment",
            "restore",
            "retention",
            "select",
            "session",
            "tagging",
            "torrent",
            "uploadId",
            "uploads",
            "versioning",
            "versions",
            "website");

    private Subresources() {}

    /**
     * The one that the query names; empty for none.
     *
     * @throws S3Exception {@code InvalidArgument} when it names two
     */
    static String of(Query query) {
        List<String> named =
                query.parameters().keySet().stream().filter(ALL::contains).toList();
        if (named.size() > 1) {
            throw S3Errors.invalidArgument(
                    "Conflicting query string parameters: " + String.join(", ", named), "ResourceType", named.get(0));
        }
        return named.isEmpty() ? "" : named.get(0);
    }

    static S3Exception notImplemented(String subresource) {
        return S3Errors.notImplemented("subresource '" + subresource + "'").with("Subresource", subresource);
    }
}
