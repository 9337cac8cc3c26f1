/** The S3 store behind the gateway: its client for bytes, its control plane, and what it can and cannot do. */
@NullMarked
package dev.sallyport.gateway.backend;

import org.jspecify.annotations.NullMarked;
