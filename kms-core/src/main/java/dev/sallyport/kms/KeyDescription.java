package dev.sallyport.kms;

/**
 * What a storage service needs to know of a key.
 *
 * @param arn the key's ARN
 * @param keyId the id, a UUID or {@code mrk-…}
 * @param awsManaged whether its manager is AWS (here: the installation) and not the customer
 * @param state such as {@code Enabled}
 */
public record KeyDescription(String arn, String keyId, boolean awsManaged, String state) {}
