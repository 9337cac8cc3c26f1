package dev.sallyport.kms.seal;

import java.time.Instant;

/**
 * What may be told of a seal.
 *
 * @param id eight hexadecimal digits, by which it is removed
 * @param type what opens it
 * @param created when it was made, to the second
 */
public record SealInfo(String id, SealType type, Instant created) {}
