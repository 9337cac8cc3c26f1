package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.backend.BackendRequest.QueryPair;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.ListPage;
import dev.sallyport.gateway.s3.PercentCoding;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ListObjects, both versions: the store's page, with sizes and ETags as clients know them. The store is asked in percent
 * encoding always, so that any key comes through its XML.
 */
public final class ListObjects {
    /** A thousand keys of 1,024 bytes, percent-encoded, with what stands around them. */
    private static final int MAX_ANSWER = 8 << 20;

    /** Before the continuation tokens of listings that are grouped here. */
    private static final String TOKEN = "grouped.";

    private final BucketStore store;
    private final Account account;
    private final PlainSizes sizes;

    public ListObjects(BucketStore store, BucketSettingsStore settings, Account account) {
        this.store = store;
        this.account = account;
        this.sizes = new ListingSizes(store, settings);
    }

    /** Version 1. */
    public void v1(S3Call call, BucketRequest.ListObjects request) {
        ListPage page = request.page();
        StoreListing listing;
        if (isGrouped(page)) {
            listing = grouped(call, request.bucket(), page, request.marker());
        } else {
            List<QueryPair> query = query(page);
            add(query, "marker", request.marker());
            listing = fetch(call, request.bucket(), page, query);
        }
        XmlWriter xml = XmlWriter.document("ListBucketResult");
        xml.element("Name", request.bucket()).element("Prefix", shown(page, page.prefix()));
        xml.element("Marker", shown(page, request.marker()));
        boolean delimited = page.delimiter() != null && !page.delimiter().isEmpty();
        if (listing.truncated() && delimited) {
            String next = listing.nextMarker() == null ? listing.last() : listing.nextMarker();
            xml.element("NextMarker", shown(page, next));
        }
        common(xml, page, listing);
        contents(call, xml, request.bucket(), page, listing, true);
        call.respondXml(xml);
    }

    /** Version 2. */
    public void v2(S3Call call, BucketRequest.ListObjectsV2 request) {
        ListPage page = request.page();
        StoreListing listing;
        if (isGrouped(page)) {
            String token = request.continuationToken();
            listing = grouped(call, request.bucket(), page, token == null ? request.startAfter() : after(token));
        } else {
            List<QueryPair> query = query(page);
            query.add(new QueryPair("list-type", "2"));
            add(query, "continuation-token", request.continuationToken());
            add(query, "start-after", request.startAfter());
            listing = fetch(call, request.bucket(), page, query);
        }
        XmlWriter xml = XmlWriter.document("ListBucketResult");
        xml.element("Name", request.bucket()).element("Prefix", shown(page, page.prefix()));
        xml.optional("ContinuationToken", request.continuationToken());
        if (listing.truncated()) {
            String next = listing.nextMarker();
            xml.optional("NextContinuationToken", isGrouped(page) && next != null ? token(next) : listing.nextToken());
        }
        if (request.startAfter() != null) {
            xml.element("StartAfter", shown(page, request.startAfter()));
        }
        xml.element("KeyCount", listing.entries().size() + listing.prefixes().size());
        common(xml, page, listing);
        contents(call, xml, request.bucket(), page, listing, request.fetchOwner());
        call.respondXml(xml);
    }

    private static List<QueryPair> query(ListPage page) {
        List<QueryPair> query = new ArrayList<>();
        query.add(new QueryPair("encoding-type", "url"));
        query.add(new QueryPair("max-keys", Integer.toString(Math.min(ListPage.MOST, page.maxKeys()))));
        add(query, "prefix", page.prefix());
        add(query, "delimiter", page.delimiter());
        return query;
    }

    private static void add(List<QueryPair> query, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            query.add(new QueryPair(name, value));
        }
    }

    private StoreListing fetch(S3Call call, String bucket, ListPage page, List<QueryPair> query) {
        if (page.maxKeys() == 0) {
            // Stores differ in what they make of a page without room; on AWS it is empty and the last.
            store.requireBucket(call, bucket);
            return new StoreListing(List.of(), List.of(), false, null, null);
        }
        BackendResponse response =
                store.execute(call, "GET", bucket, null, query, new DefaultHttpHeaders(), new byte[0]);
        if (response.status() != 200) {
            throw StoreErrors.of(response, bucket, null);
        }
        try (response) {
            return StoreListing.parse(response.readBody(MAX_ANSWER));
        }
    }

    /** See {@link GroupedListing}. */
    private static boolean isGrouped(ListPage page) {
        String delimiter = page.delimiter();
        return delimiter != null && !delimiter.isEmpty() && !delimiter.equals("/") && page.maxKeys() > 0;
    }

    private StoreListing grouped(S3Call call, String bucket, ListPage page, @Nullable String after) {
        int most = Math.min(ListPage.MOST, page.maxKeys());
        String prefix = page.prefix() == null ? "" : page.prefix();
        String delimiter = page.delimiter() == null ? "" : page.delimiter();
        return new GroupedListing(
                        from -> {
                            ListPage keys = new ListPage(prefix, null, Math.min(ListPage.MOST, most + 100), true);
                            List<QueryPair> query = query(keys);
                            query.add(new QueryPair("list-type", "2"));
                            add(query, "start-after", from);
                            return fetch(call, bucket, keys, query);
                        },
                        prefix,
                        delimiter)
                .page(after == null || after.isEmpty() ? null : after, most);
    }

    private static String token(String last) {
        return TOKEN + Base64.getUrlEncoder().withoutPadding().encodeToString(last.getBytes(StandardCharsets.UTF_8));
    }

    private static String after(String token) {
        try {
            if (token.startsWith(TOKEN)) {
                return new String(
                        Base64.getUrlDecoder().decode(token.substring(TOKEN.length())), StandardCharsets.UTF_8);
            }
        } catch (IllegalArgumentException e) {
            // Refused below, as any other text.
        }
        throw S3Errors.invalidArgument("The continuation token provided is incorrect", "continuation-token", null);
    }

    private static void common(XmlWriter xml, ListPage page, StoreListing listing) {
        xml.element("MaxKeys", Math.min(ListPage.MOST, page.maxKeys()));
        if (page.delimiter() != null && !page.delimiter().isEmpty()) {
            xml.element("Delimiter", shown(page, page.delimiter()));
        }
        if (page.urlEncoded()) {
            xml.element("EncodingType", "url");
        }
        xml.element("IsTruncated", listing.truncated());
    }

    private void contents(
            S3Call call, XmlWriter xml, String bucket, ListPage page, StoreListing listing, boolean withOwner) {
        long[] plain = sizes.of(call, bucket, listing.entries());
        for (int i = 0; i < plain.length; i++) {
            StoreListing.Entry entry = listing.entries().get(i);
            xml.open("Contents")
                    .element("Key", shown(page, entry.key()))
                    .element("LastModified", entry.lastModified())
                    .element("ETag", ETags.toClient(quoted(entry.etag())))
                    .element("Size", plain[i]);
            if (withOwner) {
                xml.open("Owner").element("ID", account.ownerId()).close();
            }
            xml.element("StorageClass", entry.storageClass()).close();
        }
        for (String prefix : listing.prefixes()) {
            xml.open("CommonPrefixes").element("Prefix", shown(page, prefix)).close();
        }
    }

    private static String quoted(String etag) {
        return etag.startsWith("\"") ? etag : '"' + etag + '"';
    }

    private static String shown(ListPage page, @Nullable String text) {
        String present = text == null ? "" : text;
        return page.urlEncoded() ? PercentCoding.encodeForListing(present) : present;
    }
}
