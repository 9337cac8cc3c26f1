package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.S3Arn;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.ServiceRequest;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.s3.XmlWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** ListBuckets: the store's, by the gateway's names. */
public final class ListBuckets implements S3Operation<ServiceRequest.ListBuckets> {
    private static final int MAX_ANSWER = 16 << 20;

    private final BucketStore store;
    private final Account account;

    public ListBuckets(BucketStore store, Account account) {
        this.store = store;
        this.account = account;
    }

    @Override
    public void handle(S3Call call, ServiceRequest.ListBuckets request) {
        String region = request.bucketRegion();
        if (region != null && !Regions.isValid(region) && !region.equals(account.region())) {
            throw S3Errors.invalidArgument(
                    "Argument value " + region + " is not a valid AWS Region", "bucket-region", null);
        }
        SortedMap<String, String> buckets = new TreeMap<>();
        if (region == null || region.equals(account.region())) {
            buckets.putAll(fetch(call));
        }
        String prefix = request.prefix();
        if (prefix != null) {
            buckets.keySet().removeIf(name -> !name.startsWith(prefix));
        }
        String after = token(request.continuationToken());
        if (after != null) {
            buckets.keySet().removeIf(name -> name.compareTo(after) <= 0);
        }
        call.respondXml(render(buckets, request));
    }

    private XmlWriter render(SortedMap<String, String> buckets, ServiceRequest.ListBuckets request) {
        Integer most = request.maxBuckets();
        int limit = most == null ? 10_000 : most;
        XmlWriter xml = XmlWriter.document("ListAllMyBucketsResult");
        xml.open("Owner").element("ID", account.ownerId()).close();
        xml.open("Buckets");
        String last = null;
        int count = 0;
        for (var bucket : buckets.entrySet()) {
            if (count++ == limit) {
                break;
            }
            last = bucket.getKey();
            xml.open("Bucket")
                    .element("Name", last)
                    .element("CreationDate", bucket.getValue())
                    .element("BucketRegion", account.region())
                    .element("BucketArn", S3Arn.bucket(last))
                    .close();
        }
        xml.close();
        if (last != null && count > limit) {
            xml.element(
                    "ContinuationToken", Base64.getUrlEncoder().encodeToString(last.getBytes(StandardCharsets.UTF_8)));
        }
        return xml.optional("Prefix", request.prefix());
    }

    private SortedMap<String, String> fetch(S3Call call) {
        BackendResponse response = store.listBuckets(call);
        if (response.status() != 200) {
            throw StoreErrors.of(response, "", null);
        }
        XmlElement answer;
        try (response) {
            answer = XmlElement.parseOrNull(response.readBody(MAX_ANSWER));
        }
        XmlElement list = answer == null ? null : answer.child("Buckets");
        if (list == null) {
            throw new BackendUnavailableException("the store's list of buckets is none");
        }
        SortedMap<String, String> buckets = new TreeMap<>();
        for (XmlElement bucket : list.children("Bucket")) {
            String name = bucket.childText("Name");
            String created = bucket.childText("CreationDate");
            String shown = name == null ? null : store.names().toGateway(name);
            if (shown != null) {
                buckets.put(shown, created == null ? "1970-01-01T00:00:00.000Z" : created);
            }
        }
        return buckets;
    }

    private static @Nullable String token(@Nullable String token) {
        if (token == null) {
            return null;
        }
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw S3Errors.invalidArgument("The continuation token provided is incorrect", "continuation-token", null);
        }
    }
}
