package dev.sallyport.gateway.service;

import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.ServiceRequest;

/** What carries out requests on buckets and on the account. */
public record BucketOperations(
        S3Operation<ServiceRequest.ListBuckets> listBuckets,
        S3Operation<BucketRequest.CreateBucket> createBucket,
        S3Operation<BucketRequest.HeadBucket> headBucket,
        S3Operation<BucketRequest.DeleteBucket> deleteBucket,
        S3Operation<BucketRequest.GetBucketLocation> getBucketLocation,
        S3Operation<BucketRequest.GetBucketEncryption> getBucketEncryption,
        S3Operation<BucketRequest.PutBucketEncryption> putBucketEncryption,
        S3Operation<BucketRequest.DeleteBucketEncryption> deleteBucketEncryption,
        S3Operation<BucketRequest.DeleteObjects> deleteObjects,
        S3Operation<BucketRequest.ListObjects> listObjects,
        S3Operation<BucketRequest.ListObjectsV2> listObjectsV2) {}
