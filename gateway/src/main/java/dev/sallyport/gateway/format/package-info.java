/** How an object lies in the store: sizes, ETags, metadata, parts, manifest and footer. Pure: no I/O. */
@NullMarked
package dev.sallyport.gateway.format;

import org.jspecify.annotations.NullMarked;
