/** A bounded cache of opened keys, which are leased, and zeroed when they leave it. */
@NullMarked
package dev.sallyport.kms.cache;

import org.jspecify.annotations.NullMarked;
