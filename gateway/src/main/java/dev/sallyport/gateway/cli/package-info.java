/** The command line: what an operator types, with one-line errors and documented exit codes. */
@NullMarked
package dev.sallyport.gateway.cli;

import org.jspecify.annotations.NullMarked;
