/** The AWS protocols of the key service: JSON 1.1 for KMS, and STS's GetCallerIdentity. No HTTP server in it. */
@NullMarked
package dev.sallyport.gateway.kmsapi;

import org.jspecify.annotations.NullMarked;
