package dev.sallyport.volume.nbd;

import java.util.concurrent.Executor;

/**
 * What the connections of a server share.
 *
 * @param budget of memory for their requests
 * @param workers run what may wait for the disk
 */
record Serving(Export export, Connections connections, Budget budget, Executor workers) {}
