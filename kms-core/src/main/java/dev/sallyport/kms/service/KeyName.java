package dev.sallyport.kms.service;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import java.util.regex.Pattern;

/**
 * How a request names a key: by id or alias, bare or in an ARN.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id">Key identifiers</a>
 */
sealed interface KeyName {
    Pattern KEY_ID = Pattern.compile(
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|mrk-[0-9a-fA-F]{32}");

    /** Account of the key; the caller's own unless an ARN says otherwise. */
    String accountId();

    record Id(String accountId, String keyId) implements KeyName {}

    /** @param name with its {@code alias/} */
    record Alias(String accountId, String name) implements KeyName {}

    /**
     * Reads what the request gave.
     *
     * @param aliases whether the operation takes aliases
     * @throws KmsException {@code NotFoundException}, with one of AWS's texts, for what can name no key of the region
     */
    static KeyName parse(String given, String accountId, String region, boolean aliases) {
        if (!given.startsWith("arn:")) {
            if (given.startsWith("alias/") && aliases) {
                return new Alias(accountId, given);
            }
            return id(accountId, given);
        }
        String[] parts = given.split(":", 6);
        if (parts.length < 6
                || !parts[1].equals("aws")
                || !parts[2].equals("kms")
                || parts[3].isEmpty()
                || !parts[4].matches("[0-9]{12}")) {
            throw notFound("Invalid arn " + given);
        }
        if (!parts[3].equals(region)) {
            throw notFound("Invalid arn " + parts[3]);
        }
        String resource = parts[5];
        if (resource.startsWith("key/")) {
            return id(parts[4], resource.substring(4));
        }
        if (resource.startsWith("alias/") && aliases) {
            return new Alias(parts[4], resource);
        }
        throw notFound("Invalid arn " + given);
    }

    private static Id id(String accountId, String keyId) {
        if (!KEY_ID.matcher(keyId).matches()) {
            throw notFound("Invalid keyId '" + keyId + "'");
        }
        return new Id(accountId, keyId);
    }

    static KmsException notFound(String message) {
        return new KmsException(Code.NOT_FOUND, message);
    }
}
