/** Encrypted block volumes: the agent's entry point and wiring. */
@NullMarked
package dev.sallyport.volume;

import org.jspecify.annotations.NullMarked;
