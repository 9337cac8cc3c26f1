package dev.sallyport.gateway.bucket;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.StoreErrors;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Sizes by the size formula. In a strict bucket no more is asked: what has no size of the formula's is foreign and is listed
 * as it is stored. In a mixed bucket a foreign object may have one by chance, so there each such entry costs one HEAD, which
 * is remembered by bucket, key, ETag and stored size; at most {@value #PARALLEL} are under way for a listing.
 */
final class ListingSizes implements PlainSizes {
    private static final int PARALLEL = 16;

    private final BucketStore store;
    private final BucketSettingsStore settings;
    private final Cache<Seen, Boolean> ours =
            Caffeine.newBuilder().maximumSize(100_000).build();

    private record Seen(String bucket, String key, String etag, long size) {}

    ListingSizes(BucketStore store, BucketSettingsStore settings) {
        this.store = store;
        this.settings = settings;
    }

    @Override
    public long[] of(S3Call call, String bucket, List<StoreListing.Entry> entries) {
        if (settings.mode(bucket) == BucketMode.STRICT) {
            return entries.stream().mapToLong(entry -> plain(entry.size())).toArray();
        }
        Semaphore places = new Semaphore(PARALLEL);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> sizes = entries.stream()
                    .map(entry -> threads.submit(() -> mixed(call, bucket, entry, places)))
                    .toList();
            long[] found = new long[sizes.size()];
            for (int i = 0; i < found.length; i++) {
                found[i] = sizes.get(i).get();
            }
            return found;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private long mixed(S3Call call, String bucket, StoreListing.Entry entry, Semaphore places)
            throws InterruptedException {
        long plain = plain(entry.size());
        if (plain == entry.size()) {
            return plain;
        }
        Seen seen = new Seen(bucket, entry.key(), entry.etag(), entry.size());
        Boolean known = ours.getIfPresent(seen);
        if (known == null) {
            places.acquire();
            try {
                known = isOurs(call, bucket, entry.key());
            } finally {
                places.release();
            }
            ours.put(seen, known);
        }
        return known ? plain : entry.size();
    }

    /** An object that went away meanwhile is listed as it was. */
    private boolean isOurs(S3Call call, String bucket, String key) {
        BackendResponse response = store.execute(call, "HEAD", bucket, key);
        if (response.status() == 404) {
            response.close();
            return true;
        }
        if (response.status() != 200) {
            throw StoreErrors.of(response, bucket, key);
        }
        try (response) {
            return response.headers().contains(ObjectMetadata.HEADER);
        }
    }

    private static long plain(long stored) {
        return SizeFormula.plainSize(stored).orElse(stored);
    }
}
