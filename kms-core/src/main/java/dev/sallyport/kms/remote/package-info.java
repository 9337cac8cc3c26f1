/** The key service over the AWS SDK: real AWS KMS, or the endpoint of a gateway. */
@NullMarked
package dev.sallyport.kms.remote;

import org.jspecify.annotations.NullMarked;
