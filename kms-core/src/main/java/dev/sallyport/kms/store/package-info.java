/** The key store: sealed rows in a SQL database, with an integrity digest, backup and one owner. */
@NullMarked
package dev.sallyport.kms.store;

import org.jspecify.annotations.NullMarked;
