/** Other people's clients, unmodified, against the gateway over each store that can be had. */
@NullMarked
package dev.sallyport.gateway.clients;

import org.jspecify.annotations.NullMarked;
