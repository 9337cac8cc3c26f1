/** The key management service: keys, aliases, tags, policies, rotation and the cryptographic operations of AWS KMS. */
@NullMarked
package dev.sallyport.kms.service;

import org.jspecify.annotations.NullMarked;
