package dev.sallyport.gateway.reencrypt;

import dev.sallyport.gateway.reencrypt.EncryptClient.Found;
import dev.sallyport.gateway.reencrypt.EncryptClient.RequestFailedException;
import io.minio.Result;
import io.minio.messages.Item;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts a bucket in place: every object that is not under the wanted key yet is copied onto itself, a page of the listing
 * after the other. An object that the gateway wrote is re-wrapped, and the store copies its ciphertext; one that it did not
 * is read and written encrypted. A run that was cut short goes on behind the last page that was done whole.
 */
public final class EncryptRun {
    private static final int PAGE = 1000;
    private static final int ATTEMPTS = 3;

    private final EncryptClient client;
    private final EncryptSettings settings;
    private final EncryptMarker marker;
    private final EncryptProgress progress;
    private final AtomicLong encrypted = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();

    public EncryptRun(EncryptClient client, EncryptSettings settings, EncryptMarker marker, EncryptProgress progress) {
        this.client = client;
        this.settings = settings;
        this.marker = marker;
        this.progress = progress;
    }

    /**
     * Runs to the end; what failed is done again by the next run.
     *
     * @throws IOException with one line when the bucket cannot be listed, or the marker not be written
     */
    public EncryptProgress.Counts run() throws IOException {
        String after = marker.after();
        long total = count(after);
        Iterator<Result<Item>> keys = client.keys(settings, after);
        progress.at(counts(total));
        try (ExecutorService workers = Executors.newFixedThreadPool(
                settings.concurrency(),
                Thread.ofPlatform().daemon().name("encrypt-", 0).factory())) {
            while (keys.hasNext()) {
                String last = page(keys, workers);
                if (failed.get() == 0) {
                    marker.passed(last);
                }
                progress.at(counts(total));
            }
        }
        marker.remove();
        return counts(total);
    }

    private long count(@Nullable String after) throws IOException {
        long total = 0;
        for (Iterator<Result<Item>> keys = client.keys(settings, after); keys.hasNext(); total++) {
            EncryptClient.keyOf(keys.next());
        }
        return total;
    }

    private EncryptProgress.Counts counts(long total) {
        return new EncryptProgress.Counts(total, encrypted.get(), skipped.get(), failed.get());
    }

    /** Returns the last key of the page. */
    private String page(Iterator<Result<Item>> keys, ExecutorService workers) throws IOException {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        String last = "";
        while (keys.hasNext() && running.size() < PAGE) {
            String key = EncryptClient.keyOf(keys.next());
            last = key;
            running.add(CompletableFuture.runAsync(() -> object(key), workers));
        }
        running.forEach(CompletableFuture::join);
        return last;
    }

    private void object(String key) {
        for (int attempt = 1; ; attempt++) {
            try {
                Found found = client.head(settings.bucket(), key);
                if (settings.keyArn().equals(found.keyArn())) {
                    skipped.incrementAndGet();
                    return;
                }
                client.encrypt(settings, key, found);
                encrypted.incrementAndGet();
                return;
            } catch (RequestFailedException e) {
                switch (e.code()) {
                    case "NoSuchKey" -> {
                        // deleted meanwhile
                        skipped.incrementAndGet();
                        return;
                    }
                    case "PreconditionFailed", "SlowDown", "ServiceUnavailable", "" -> {
                        // replaced meanwhile, or a moment of trouble
                        if (attempt == ATTEMPTS) {
                            fail(key, e);
                            return;
                        }
                    }
                    default -> {
                        fail(key, e);
                        return;
                    }
                }
            }
        }
    }

    private synchronized void fail(String key, RequestFailedException e) {
        failed.incrementAndGet();
        String hint = e.code().equals("AccessDenied")
                ? " (one that the gateway did not write can be read in mode mixed only: sallyport bucket set "
                        + settings.bucket() + " --mode mixed)"
                : "";
        progress.failed(key, e.getMessage() + hint);
    }
}
