/** The HTTP server: the Netty pipeline, TLS, limits, time-outs, and bodies that flow with back-pressure. */
@NullMarked
package dev.sallyport.gateway.http;

import org.jspecify.annotations.NullMarked;
