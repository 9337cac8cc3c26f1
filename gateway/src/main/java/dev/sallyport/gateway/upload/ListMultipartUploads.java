package dev.sallyport.gateway.upload;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.bucket.Account;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.PercentCoding;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.UploadRequest;
import dev.sallyport.gateway.s3.XmlWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** ListMultipartUploads, from the tables: by key, and by age under one key. */
final class ListMultipartUploads implements S3Operation<UploadRequest.ListMultipartUploads> {
    private static final int BATCH = 1000;

    private final Uploads uploads;
    private final Account account;

    /** What one page holds. */
    private static final class Page {
        private final List<Upload> found = new ArrayList<>();
        private final Set<String> prefixes = new LinkedHashSet<>();
        private boolean truncated;
        private String nextKey = "";
        private String nextId = "";

        int size() {
            return found.size() + prefixes.size();
        }
    }

    ListMultipartUploads(Uploads uploads, Account account) {
        this.uploads = uploads;
        this.account = account;
    }

    @Override
    public void handle(S3Call call, UploadRequest.ListMultipartUploads request) {
        BackendResponse bucket = uploads.store.head(call.exchange().eventLoop(), request.bucket(), null);
        if (bucket.status() != 200) {
            throw StoreErrors.of(bucket, request.bucket(), null);
        }
        bucket.close();
        Page page = collect(request);
        XmlWriter xml = XmlWriter.document("ListMultipartUploadsResult")
                .element("Bucket", request.bucket())
                .element("KeyMarker", text(request, orEmpty(request.keyMarker())))
                .element("UploadIdMarker", orEmpty(request.uploadIdMarker()))
                .element("NextKeyMarker", text(request, page.nextKey))
                .element("NextUploadIdMarker", page.nextId)
                .element("MaxUploads", request.maxUploads())
                .element("IsTruncated", page.truncated);
        xml.optional("Prefix", request.prefix() == null ? null : text(request, request.prefix()));
        xml.optional("Delimiter", request.delimiter() == null ? null : text(request, request.delimiter()));
        xml.optional("EncodingType", request.urlEncoded() ? "url" : null);
        for (Upload upload : page.found) {
            xml.open("Upload").element("Key", text(request, upload.key())).element("UploadId", upload.id());
            ListParts.who(xml, upload, account);
            xml.element("StorageClass", upload.storageClass())
                    .element("Initiated", upload.initiated().toString());
            ChecksumAlgorithm checksum = upload.checksum();
            if (checksum != null) {
                xml.element("ChecksumAlgorithm", checksum.name()).element("ChecksumType", upload.checksumType());
            }
            xml.close();
        }
        page.prefixes.forEach(prefix -> xml.open("CommonPrefixes")
                .element("Prefix", text(request, prefix))
                .close());
        call.respondXml(xml);
    }

    private Page collect(UploadRequest.ListMultipartUploads request) {
        String prefix = orEmpty(request.prefix());
        String marker = orEmpty(request.keyMarker());
        String from = isBefore(marker, prefix) ? prefix : marker;
        long after = -1;
        if (!marker.isEmpty() && from.equals(marker)) {
            after = afterMarker(request, marker);
        }
        Page page = new Page();
        while (true) {
            List<Upload> batch = uploads.tables.page(request.bucket(), from, after, BATCH);
            for (Upload upload : batch) {
                from = upload.key();
                after = upload.seq();
                if (!upload.key().startsWith(prefix)) {
                    // The tables begin at the prefix, so this one is behind it.
                    return page;
                }
                if (!add(page, request, upload, prefix, marker)) {
                    // A page without room is the last, as in listings of objects.
                    page.truncated = request.maxUploads() > 0;
                    return page;
                }
            }
            if (batch.size() < BATCH) {
                return page;
            }
        }
    }

    /** False when the page is full. */
    private static boolean add(
            Page page, UploadRequest.ListMultipartUploads request, Upload upload, String prefix, String marker) {
        String common = common(upload.key(), prefix, request.delimiter());
        if (common != null && (page.prefixes.contains(common) || marker.startsWith(common))) {
            return true;
        }
        if (page.size() >= request.maxUploads()) {
            return false;
        }
        if (common == null) {
            page.found.add(upload);
            page.nextKey = upload.key();
            page.nextId = upload.id();
        } else {
            page.prefixes.add(common);
            page.nextKey = common;
            page.nextId = "";
        }
        return true;
    }

    private long afterMarker(UploadRequest.ListMultipartUploads request, String marker) {
        String id = request.uploadIdMarker();
        if (id == null || id.isEmpty()) {
            return Long.MAX_VALUE;
        }
        Upload upload = uploads.tables.find(request.bucket(), marker, id);
        if (upload == null) {
            throw S3Errors.invalidArgument("Invalid uploadId marker", "upload-id-marker", id);
        }
        return upload.seq();
    }

    private static @Nullable String common(String key, String prefix, @Nullable String delimiter) {
        if (delimiter == null || delimiter.isEmpty()) {
            return null;
        }
        int at = key.indexOf(delimiter, prefix.length());
        return at < 0 ? null : key.substring(0, at + delimiter.length());
    }

    private static String text(UploadRequest.ListMultipartUploads request, String text) {
        return request.urlEncoded() ? PercentCoding.encodeForListing(text) : text;
    }

    /** In the order of the tables and of S3: by the bytes in UTF-8. */
    private static boolean isBefore(String key, String other) {
        return Arrays.compareUnsigned(key.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8)) < 0;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
