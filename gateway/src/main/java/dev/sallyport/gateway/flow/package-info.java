/** How bytes flow between a client's channel and the store's: sources, sinks, and what stands between them. */
@NullMarked
package dev.sallyport.gateway.flow;

import org.jspecify.annotations.NullMarked;
