/** Users with access keys and attached IAM policies, as sealed rows of the key store. */
@NullMarked
package dev.sallyport.kms.principal;

import org.jspecify.annotations.NullMarked;
