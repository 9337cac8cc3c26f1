/** Operations on objects: one class each. */
@NullMarked
package dev.sallyport.gateway.object;

import org.jspecify.annotations.NullMarked;
