/** What the gateway and the volume agent need of a key service, and the values they exchange with it. */
@NullMarked
package dev.sallyport.kms;

import org.jspecify.annotations.NullMarked;
