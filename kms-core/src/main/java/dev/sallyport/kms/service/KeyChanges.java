package dev.sallyport.kms.service;

import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.RowWriter;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Changes a key in one transaction, against its state there and not as some cache saw it. */
final class KeyChanges {
    private final KeyStore store;
    private final KeyDirectory directory;

    KeyChanges(KeyStore store, KeyDirectory directory) {
        this.store = store;
        this.directory = directory;
    }

    KeyRecord change(Call call, KnownKey key, UnaryOperator<KeyRecord> change) {
        return change(call, key, (rows, now) -> change.apply(now));
    }

    /** Returns the key as it is after the commit. No cache answers from before it any more. */
    KeyRecord change(Call call, KnownKey key, BiFunction<RowWriter, KeyRecord, KeyRecord> change) {
        KeyRecord seen = key.key();
        KeyRecord changed = store.write(rows -> {
            KeyRecord now = KeyRows.key(rows, seen.accountId(), seen.region(), seen.keyId())
                    .orElseThrow(() -> KeyName.notFound("Key '" + seen.arn() + "' does not exist"));
            call.operation().requireState(now);
            KeyRecord next = change.apply(rows, now);
            if (!next.equals(now)) {
                KeyRows.put(rows, next);
            }
            return next;
        });
        // reads it anew, and drops the material of a key that is no longer enabled
        directory.key(seen.accountId(), seen.region(), seen.keyId());
        return changed;
    }
}
