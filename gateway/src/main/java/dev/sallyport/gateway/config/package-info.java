/** The one YAML file: read with every mistake named at once, held in records that validate themselves. */
@NullMarked
package dev.sallyport.gateway.config;

import org.jspecify.annotations.NullMarked;
