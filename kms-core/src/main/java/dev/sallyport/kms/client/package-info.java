/** Ways to a KMS for a command or an agent: a key store on this host, or a KMS over the network. */
@NullMarked
package dev.sallyport.kms.client;

import org.jspecify.annotations.NullMarked;
