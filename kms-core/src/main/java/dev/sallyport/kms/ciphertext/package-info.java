/** The versioned ciphertext blob: what Encrypt and GenerateDataKey answer, and Decrypt opens. */
@NullMarked
package dev.sallyport.kms.ciphertext;

import org.jspecify.annotations.NullMarked;
