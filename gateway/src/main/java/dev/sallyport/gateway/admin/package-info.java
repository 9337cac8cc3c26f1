/** The admin listener: liveness, readiness, and metrics for Prometheus. */
@NullMarked
package dev.sallyport.gateway.admin;

import org.jspecify.annotations.NullMarked;
