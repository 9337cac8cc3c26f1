/** Multipart uploads: their operations, the tables of those in progress, the parts that wait for the last one, the sweeper. */
@NullMarked
package dev.sallyport.gateway.upload;

import org.jspecify.annotations.NullMarked;
