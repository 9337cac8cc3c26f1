package dev.sallyport.kms.service;

import dev.sallyport.kms.AuditReceipt;

/**
 * A response, and the promise of its audit event: whoever sends the response on awaits the receipt first.
 */
public record Answer<R extends KmsResponse>(R response, AuditReceipt receipt) {}
