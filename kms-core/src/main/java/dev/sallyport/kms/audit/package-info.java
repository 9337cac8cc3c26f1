/** CloudTrail records and the durable journal that holds one for every KMS request. */
@NullMarked
package dev.sallyport.kms.audit;

import org.jspecify.annotations.NullMarked;
