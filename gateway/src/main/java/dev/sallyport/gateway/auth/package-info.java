/** SigV4: verification of clients in every form they send, signing toward the store, credentials. */
@NullMarked
package dev.sallyport.gateway.auth;

import org.jspecify.annotations.NullMarked;
