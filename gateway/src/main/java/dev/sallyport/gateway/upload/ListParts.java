package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.bucket.Account;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.object.SealingKey;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.PercentCoding;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.s3.XmlWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** ListParts, from the tables. Checksums are sealed, so an upload that has them costs one Decrypt, as on AWS. */
final class ListParts implements S3Operation<UploadRequest.ListParts> {
    private final Uploads uploads;
    private final Account account;

    ListParts(Uploads uploads, Account account) {
        this.uploads = uploads;
        this.account = account;
    }

    @Override
    public void handle(S3Call call, UploadRequest.ListParts request) {
        Upload upload = uploads.require(request.bucket(), request.key(), request.uploadId());
        List<Part> found = uploads.tables.latestParts(upload, request.partNumberMarker(), request.maxParts() + 1);
        boolean more = found.size() > request.maxParts();
        // A page without room is the last, or a client that asks for such would never come to an end.
        boolean truncated = more && request.maxParts() > 0;
        List<Part> page = more ? found.subList(0, request.maxParts()) : found;
        XmlWriter xml = XmlWriter.document("ListPartsResult")
                .element("Bucket", upload.bucket())
                .element("Key", request.urlEncoded() ? PercentCoding.encodeForListing(upload.key()) : upload.key())
                .element("UploadId", upload.id());
        who(xml, upload, account);
        xml.element("StorageClass", upload.storageClass())
                .element("PartNumberMarker", request.partNumberMarker())
                .element(
                        "NextPartNumberMarker",
                        page.isEmpty() ? 0 : page.getLast().number())
                .element("MaxParts", request.maxParts())
                .element("IsTruncated", truncated);
        ChecksumAlgorithm algorithm = upload.checksum();
        if (algorithm == null) {
            page.forEach(part -> part(xml, part).close());
        } else {
            xml.element("ChecksumAlgorithm", algorithm.name()).element("ChecksumType", upload.checksumType());
            if (!page.isEmpty()) {
                withChecksums(call, upload, algorithm, page, xml);
            }
        }
        call.respondXml(xml);
    }

    private void withChecksums(
            S3Call call, Upload upload, ChecksumAlgorithm algorithm, List<Part> page, XmlWriter xml) {
        try (SealingKey key = uploads.open(call, upload)) {
            for (Part part : page) {
                part(xml, part)
                        .element(
                                algorithm.xmlName(), Uploads.checksum(key, part).value())
                        .close();
            }
            key.awaitAudit();
        }
    }

    private static XmlWriter part(XmlWriter xml, Part part) {
        return xml.open("Part")
                .element("PartNumber", part.number())
                .element(
                        "LastModified",
                        part.modified().truncatedTo(ChronoUnit.MILLIS).toString())
                .element("ETag", '"' + part.etag() + '"')
                .element("Size", part.size());
    }

    /** Who began an upload, and whose it is. */
    static void who(XmlWriter xml, Upload upload, Account account) {
        xml.open("Initiator")
                .element("ID", upload.principal())
                .element(
                        "DisplayName",
                        upload.principal().substring(upload.principal().lastIndexOf('/') + 1))
                .close();
        xml.open("Owner").element("ID", account.ownerId()).close();
    }
}
