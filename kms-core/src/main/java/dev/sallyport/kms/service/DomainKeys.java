package dev.sallyport.kms.service;

import dev.sallyport.kms.crypto.SecretBytes;

/** Where the service gets the key under which the material of a region's keys is wrapped: the root key of the key store. */
@FunctionalInterface
public interface DomainKeys {
    /** 32 bytes, the same at every call; the caller closes them. */
    SecretBytes domainKey(String region);
}
