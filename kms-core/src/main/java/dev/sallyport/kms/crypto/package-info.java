/** Primitives and their providers: the only place of the module that names {@code javax.crypto.Cipher}. */
@NullMarked
package dev.sallyport.kms.crypto;

import org.jspecify.annotations.NullMarked;
