package dev.sallyport.gateway.service;

import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.UploadRequest;

/** What carries out requests of multipart uploads. */
public record UploadOperations(
        S3Operation<UploadRequest.CreateMultipartUpload> createMultipartUpload,
        S3Operation<UploadRequest.UploadPart> uploadPart,
        S3Operation<UploadRequest.UploadPartCopy> uploadPartCopy,
        S3Operation<UploadRequest.CompleteMultipartUpload> completeMultipartUpload,
        S3Operation<UploadRequest.AbortMultipartUpload> abortMultipartUpload,
        S3Operation<UploadRequest.ListParts> listParts,
        S3Operation<UploadRequest.ListMultipartUploads> listMultipartUploads) {}
