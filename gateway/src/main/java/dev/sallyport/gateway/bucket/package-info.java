/** Operations on buckets: their making and unmaking, their settings, and listings of their keys. */
@NullMarked
package dev.sallyport.gateway.bucket;

import org.jspecify.annotations.NullMarked;
