package dev.sallyport.gateway.service;

import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.ObjectRequest;

/** What carries out requests on objects. */
public record ObjectOperations(
        S3Operation<ObjectRequest.GetObject> getObject,
        S3Operation<ObjectRequest.HeadObject> headObject,
        S3Operation<ObjectRequest.PutObject> putObject,
        S3Operation<ObjectRequest.DeleteObject> deleteObject,
        S3Operation<ObjectRequest.CopyObject> copyObject,
        S3Operation<ObjectRequest.GetObjectAttributes> getObjectAttributes) {}
