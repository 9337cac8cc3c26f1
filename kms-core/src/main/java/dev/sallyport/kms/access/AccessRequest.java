package dev.sallyport.kms.access;

import dev.sallyport.kms.Caller;
import java.util.List;
import java.util.Map;

/**
 * One question to the evaluator.
 *
 * @param caller the authenticated principal
 * @param action such as {@code s3:PutObject} or {@code kms:Decrypt}
 * @param resource the ARN of what is acted on; {@code *} for actions without a resource
 * @param conditionKeys the request's condition keys and their values, keys compared without case, such as
 *     {@code kms:EncryptionContext:team}, {@code kms:ViaService}, {@code aws:SourceIp},
 *     {@code s3:x-amz-server-side-encryption}; an absent key is absent from the map
 */
public record AccessRequest(Caller caller, String action, String resource, Map<String, List<String>> conditionKeys) {}
