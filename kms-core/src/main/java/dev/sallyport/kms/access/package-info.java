/** Who may do what: IAM policy documents, key policies and conditions, decided by one evaluator for KMS and S3. */
@NullMarked
package dev.sallyport.kms.access;

import org.jspecify.annotations.NullMarked;
