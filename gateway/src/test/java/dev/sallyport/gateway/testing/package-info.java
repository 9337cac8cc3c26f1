/** Stores and a whole gateway for integration tests to run against. */
@NullMarked
package dev.sallyport.gateway.testing;

import org.jspecify.annotations.NullMarked;
