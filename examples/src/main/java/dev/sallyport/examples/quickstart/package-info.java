/** The quickstart: a store, a gateway and a tour of the main job, in one command. */
@NullMarked
package dev.sallyport.examples.quickstart;

import org.jspecify.annotations.NullMarked;
