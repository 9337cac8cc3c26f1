/** Block devices and what is stacked upon them. */
@NullMarked
package dev.sallyport.volume.device;

import org.jspecify.annotations.NullMarked;
