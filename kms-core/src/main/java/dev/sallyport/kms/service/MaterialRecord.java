package dev.sallyport.kms.service;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a key's material; the bytes are a row of their own.
 *
 * @param id 64 lower-case hex digits
 * @param since when it became the current one
 * @param rotationType what brought it; null for the key's first
 */
record MaterialRecord(String id, Instant since, @Nullable RotationType rotationType) {}
