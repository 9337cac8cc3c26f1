package dev.sallyport.kms.service;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** TagResource, UntagResource and ListResourceTags. */
final class TagOperations {
    private static final int MAX_LIMIT = 50;

    private final KeyAccess access;
    private final KeyChanges changes;
    private final Markers markers;

    TagOperations(KeyAccess access, KeyChanges changes, Markers markers) {
        this.access = access;
        this.changes = changes;
        this.markers = markers;
    }

    KmsResponse.Empty tagResource(Call call, KmsRequest.TagResource request) {
        call.parameter("keyId", request.keyId()).parameter("tags", KeyOperations.tagParameters(request.tags()));
        KnownKey key = access.key(call, request.keyId(), Conditions.ofTags(request.tags()));
        Checks.tags(request.tags());
        changes.change(call, key, now -> {
            Map<String, String> tags = new TreeMap<>(now.tags());
            request.tags().forEach(tag -> tags.put(tag.tagKey(), tag.tagValue()));
            if (tags.size() > Checks.MAX_TAGS) {
                throw Checks.tooManyTags();
            }
            return now.withTags(tags);
        });
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.Empty untagResource(Call call, KmsRequest.UntagResource request) {
        call.parameter("keyId", request.keyId()).parameter("tagKeys", request.tagKeys());
        KnownKey key = access.key(call, request.keyId(), Conditions.none().withTagKeys(request.tagKeys()));
        request.tagKeys().forEach(Checks::tagKey);
        changes.change(call, key, now -> {
            Map<String, String> tags = new TreeMap<>(now.tags());
            request.tagKeys().forEach(tags::remove);
            return now.withTags(tags);
        });
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.ListResourceTags listResourceTags(Call call, KmsRequest.ListResourceTags request) {
        call.parameter("keyId", request.keyId()).parameter("limit", request.limit());
        KeyRecord key = access.key(call, request.keyId(), Conditions.none()).key();
        int limit = Checks.limit(request.limit(), MAX_LIMIT, MAX_LIMIT);
        String after = markers.read(call, key.keyId(), request.marker());
        SortedMap<String, String> rest = after == null ? key.tags() : key.tags().tailMap(after + "\u0000");
        List<Tag> page = new ArrayList<>();
        for (Map.Entry<String, String> tag : rest.entrySet()) {
            if (page.size() == limit) {
                break;
            }
            page.add(new Tag(tag.getKey(), tag.getValue()));
        }
        return new KmsResponse.ListResourceTags(
                page,
                rest.size() > page.size()
                        ? markers.make(call, key.keyId(), page.getLast().tagKey())
                        : null);
    }
}
