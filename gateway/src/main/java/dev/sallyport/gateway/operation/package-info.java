/** What every S3 operation is given, and how it answers. */
@NullMarked
package dev.sallyport.gateway.operation;

import org.jspecify.annotations.NullMarked;
