/** Protection of the root key: seals that wrap it, each opened by a secret that an operator keeps elsewhere. */
@NullMarked
package dev.sallyport.kms.seal;

import org.jspecify.annotations.NullMarked;
