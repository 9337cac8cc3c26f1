package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.format.ForgedObjectException;
import dev.sallyport.gateway.format.Layout;
import dev.sallyport.gateway.format.Manifest;
import dev.sallyport.gateway.format.ManifestEntry;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.ReadConditions;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** GetObjectAttributes: checksums and parts are sealed, so asking for them takes one Decrypt. */
public final class GetObjectAttributes implements S3Operation<ObjectRequest.GetObjectAttributes> {
    private static final ReadConditions NO_CONDITIONS = new ReadConditions(null, null, null, null);

    private final ObjectReader reader;

    public GetObjectAttributes(ObjectReader reader) {
        this.reader = reader;
    }

    @Override
    public void handle(S3Call call, ObjectRequest.GetObjectAttributes request) {
        try {
            ObjectReader.steadily(() -> once(call, request));
        } catch (ForgedObjectException e) {
            throw Refusals.forged(
                    request.bucket(), request.key(), call.exchange().requestId(), e);
        }
    }

    private boolean once(S3Call call, ObjectRequest.GetObjectAttributes request) {
        StoredObject object;
        try (BackendResponse response =
                reader.request(call, "HEAD", request.bucket(), request.key(), NO_CONDITIONS, null)) {
            if (response.status() != 200) {
                throw ObjectStore.refusal(response, request.bucket(), request.key(), NO_CONDITIONS);
            }
            object = reader.stored(response, request.bucket(), request.key());
        }
        Set<String> wanted = request.attributes();
        ContentFacts facts = ContentFacts.NONE;
        Manifest manifest = null;
        if (wanted.contains("Checksum") || wanted.contains("ObjectParts")) {
            try (SealingKey key = reader.open(call, object, request.bucket(), request.key())) {
                if (object.metadata().layout() == Layout.MULTIPART) {
                    manifest = reader.manifest(call, object, key, request.bucket(), request.key());
                }
                facts = reader.facts(call, object, key, request.bucket(), request.key());
                key.awaitAudit();
            }
        }
        HttpHeaders headers = new DefaultHttpHeaders();
        for (String name : List.of("last-modified", "x-amz-version-id")) {
            String value = object.headers().get(name);
            if (value != null) {
                headers.set(name, value);
            }
        }
        call.respondXml(headers, document(request, object, facts, manifest));
        return true;
    }

    private static XmlWriter document(
            ObjectRequest.GetObjectAttributes request,
            StoredObject object,
            ContentFacts facts,
            @Nullable Manifest manifest) {
        Set<String> wanted = request.attributes();
        XmlWriter xml = XmlWriter.document("GetObjectAttributesResponse");
        if (wanted.contains("ETag")) {
            xml.element("ETag", ETags.toClient(object.etag()).replace("\"", ""));
        }
        if (wanted.contains("Checksum") && !facts.checksums().isEmpty()) {
            xml.open("Checksum");
            for (ContentFacts.Checksum checksum : facts.checksums()) {
                xml.element(
                        checksum.algorithm().xmlName(),
                        checksum.composite() && manifest != null
                                ? checksum.value() + '-' + manifest.parts().size()
                                : checksum.value());
                xml.element("ChecksumType", checksum.composite() ? "COMPOSITE" : "FULL_OBJECT");
            }
            xml.close();
        }
        if (wanted.contains("ObjectParts") && manifest != null) {
            parts(xml, request, manifest);
        }
        if (wanted.contains("StorageClass")) {
            String storageClass = object.headers().get("x-amz-storage-class");
            xml.element("StorageClass", storageClass == null ? "STANDARD" : storageClass);
        }
        if (wanted.contains("ObjectSize")) {
            xml.element("ObjectSize", Long.toString(object.length()));
        }
        return xml;
    }

    private static void parts(XmlWriter xml, ObjectRequest.GetObjectAttributes request, Manifest manifest) {
        List<ManifestEntry> after = manifest.parts().stream()
                .filter(part -> part.partNumber() > request.partNumberMarker())
                .toList();
        List<ManifestEntry> page = after.subList(0, Math.min(after.size(), request.maxParts()));
        int next = page.isEmpty() ? request.partNumberMarker() : page.getLast().partNumber();
        xml.open("ObjectParts");
        xml.element("PartsCount", Integer.toString(manifest.parts().size()));
        xml.element("PartNumberMarker", Integer.toString(request.partNumberMarker()));
        xml.element("NextPartNumberMarker", Integer.toString(next));
        xml.element("MaxParts", Integer.toString(request.maxParts()));
        xml.element("IsTruncated", Boolean.toString(page.size() < after.size()));
        for (ManifestEntry part : page) {
            xml.open("Part");
            xml.element("PartNumber", Integer.toString(part.partNumber()));
            xml.element("Size", Long.toString(part.length()));
            if (part.checksum() != null && manifest.partChecksums() != null) {
                xml.element(manifest.partChecksums().xmlName(), part.checksum());
            }
            xml.close();
        }
        xml.close();
    }
}
