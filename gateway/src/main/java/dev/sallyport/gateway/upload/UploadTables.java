package dev.sallyport.gateway.upload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.gateway.checksum.ChecksumAlgorithm;
import dev.sallyport.gateway.format.Id128;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rows of uploads in progress and of their parts. All methods block; writes are durable when they return. */
final class UploadTables implements AutoCloseable {
    /** How often a part may be sent anew while all of its earlier forms stay: then the oldest go. */
    static final int MAX_FORMS = 16;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final UploadDatabase database;

    private UploadTables(UploadDatabase database) {
        this.database = database;
    }

    static UploadTables open(Path file) {
        return new UploadTables(UploadDatabase.open(file));
    }

    /** Adds an upload; its row number is given by the table, whatever {@code upload} says. */
    void add(Upload upload) {
        database.write(handle -> handle.createUpdate("""
                        INSERT INTO upload (id, bucket, object_key, store_id, principal, principal_id, initiated, headers,
                            checksum, checksum_type, state, changed)
                        VALUES (:id, :bucket, :key, :store, :principal, :principalId, :initiated, :headers,
                            :checksum, :type, 'open', :initiated)
                        """)
                .bind("id", upload.id())
                .bind("bucket", upload.bucket())
                .bind("key", upload.key())
                .bind("store", upload.storeId())
                .bind("principal", upload.principal())
                .bind("principalId", upload.principalId())
                .bind("initiated", upload.initiated().toEpochMilli())
                .bind("headers", json(upload.headers()))
                .bind(
                        "checksum",
                        upload.checksum() == null ? null : upload.checksum().name())
                .bind("type", upload.checksumType())
                .execute());
    }

    /** Null when there is no such upload of this object. */
    @Nullable Upload find(String bucket, String key, String id) {
        return database.read(handle -> handle.createQuery(
                        "SELECT * FROM upload WHERE id = :id AND bucket = :bucket AND object_key = :key")
                .bind("id", id)
                .bind("bucket", bucket)
                .bind("key", key)
                .map((row, context) -> upload(row))
                .findOne()
                .orElse(null));
    }

    /**
     * Adds a part that the store has.
     *
     * @return staged forms of the part that are not needed any more; null when the upload takes no parts now
     */
    @Nullable List<Part> addPart(Upload upload, Part part) {
        List<List<Part>> outcome = database.write(handle -> {
            if (!state(handle, upload.seq()).takesParts()) {
                return List.<List<Part>>of();
            }
            handle.createUpdate("""
                            INSERT INTO part (upload_seq, number, etag, size, nonce, facts, staged, modified)
                            VALUES (:upload, :number, :etag, :size, :nonce, :facts, :staged, :modified)
                            """)
                    .bind("upload", upload.seq())
                    .bind("number", part.number())
                    .bind("etag", part.etag())
                    .bind("size", part.size())
                    .bind("nonce", part.nonce().toString())
                    .bind("facts", part.facts())
                    .bind("staged", part.staged())
                    .bind("modified", part.modified().toEpochMilli())
                    .execute();
            return List.of(prune(handle, upload.seq(), part.number()));
        });
        return outcome.isEmpty() ? null : outcome.getFirst();
    }

    private static List<Part> prune(Handle handle, long upload, int number) {
        List<Long> forms = handle.createQuery(
                        "SELECT seq FROM part WHERE upload_seq = :upload AND number = :number ORDER BY seq DESC")
                .bind("upload", upload)
                .bind("number", number)
                .mapTo(Long.class)
                .list();
        List<Part> staged = new ArrayList<>();
        for (long old : forms.subList(Math.min(MAX_FORMS, forms.size()), forms.size())) {
            handle.createQuery("SELECT * FROM part WHERE seq = :seq AND staged IS NOT NULL")
                    .bind("seq", old)
                    .map((row, context) -> part(row))
                    .findOne()
                    .ifPresent(staged::add);
            handle.createUpdate("DELETE FROM part WHERE seq = :seq")
                    .bind("seq", old)
                    .execute();
        }
        return staged;
    }

    /** All forms of all parts: by number, and the latest form last. */
    List<Part> parts(Upload upload) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM part WHERE upload_seq = :upload ORDER BY number, seq")
                        .bind("upload", upload.seq())
                        .map((row, context) -> part(row))
                        .list());
    }

    /** The latest forms of at most {@code limit} parts after a number. */
    List<Part> latestParts(Upload upload, int after, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM part WHERE seq IN (
                            SELECT MAX(seq) FROM part WHERE upload_seq = :upload AND number > :after
                            GROUP BY number ORDER BY number LIMIT :limit)
                        ORDER BY number
                        """)
                .bind("upload", upload.seq())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, context) -> part(row))
                .list());
    }

    /**
     * Begins an attempt to complete.
     *
     * @return its fence; -1 when the upload is neither open nor completing
     */
    long beginCompletion(Upload upload, String listHash, Instant now) {
        return database.write(handle -> {
            if (!state(handle, upload.seq()).takesParts()) {
                return -1L;
            }
            handle.createUpdate("""
                            UPDATE upload SET state = 'completing', fence = fence + 1, list_hash = :hash, changed = :now
                            WHERE seq = :seq
                            """)
                    .bind("hash", listHash)
                    .bind("now", now.toEpochMilli())
                    .bind("seq", upload.seq())
                    .execute();
            return handle.createQuery("SELECT fence FROM upload WHERE seq = :seq")
                    .bind("seq", upload.seq())
                    .mapTo(Long.class)
                    .one();
        });
    }

    /** The attempt with this fence came to nothing, for sure; false when it is not the latest. */
    boolean reopen(Upload upload, long fence, Instant now) {
        return move(upload, fence, "UPDATE upload SET state = 'open', changed = :now", now, null);
    }

    /** The attempt with this fence has succeeded; false when it is not the latest. */
    boolean finish(Upload upload, long fence, String result, Instant now) {
        return move(upload, fence, "UPDATE upload SET state = 'done', result = :result, changed = :now", now, result);
    }

    /** An attempt with this fence is found to have succeeded when its answer is wanted no more; false when not the latest. */
    boolean end(Upload upload, long fence, Instant now) {
        return move(upload, fence, "UPDATE upload SET state = 'done', changed = :now", now, null);
    }

    private boolean move(Upload upload, long fence, String update, Instant now, @Nullable String result) {
        return database.write(handle -> {
            var statement =
                    handle.createUpdate(update + " WHERE seq = :seq AND fence = :fence AND state = 'completing'");
            if (result != null) {
                statement.bind("result", result);
            }
            return statement
                            .bind("now", now.toEpochMilli())
                            .bind("seq", upload.seq())
                            .bind("fence", fence)
                            .execute()
                    == 1;
        });
    }

    /** False when the upload has ended already. */
    boolean abort(Upload upload, Instant now) {
        return database.write(handle -> handle.createUpdate(
                                "UPDATE upload SET state = 'aborted', changed = :now WHERE seq = :seq AND state IN ('open', 'completing')")
                        .bind("now", now.toEpochMilli())
                        .bind("seq", upload.seq())
                        .execute()
                == 1);
    }

    /**
     * Forgets the parts of an upload that has ended.
     *
     * @return bytes of plaintext of those that waited in the staging bucket
     */
    long removeParts(Upload upload) {
        return database.write(handle -> {
            long waited = handle.createQuery("SELECT COALESCE(SUM(size), 0) FROM part WHERE upload_seq = :seq"
                            + " AND staged IS NOT NULL")
                    .bind("seq", upload.seq())
                    .mapTo(Long.class)
                    .one();
            handle.createUpdate("DELETE FROM part WHERE upload_seq = :seq")
                    .bind("seq", upload.seq())
                    .execute();
            return waited;
        });
    }

    /**
     * Forgets parts that waited in the staging bucket.
     *
     * @return bytes of plaintext of those that there were
     */
    long removeStaged(List<String> staged) {
        return database.write(handle -> {
            long waited = 0;
            for (String key : staged) {
                waited += handle.createQuery("SELECT COALESCE(SUM(size), 0) FROM part WHERE staged = :key")
                        .bind("key", key)
                        .mapTo(Long.class)
                        .one();
                handle.createUpdate("DELETE FROM part WHERE staged = :key")
                        .bind("key", key)
                        .execute();
            }
            return waited;
        });
    }

    /** Forgets an upload, its parts included. */
    void remove(Upload upload) {
        database.write(handle -> {
            handle.createUpdate("DELETE FROM part WHERE upload_seq = :seq")
                    .bind("seq", upload.seq())
                    .execute();
            return handle.createUpdate("DELETE FROM upload WHERE seq = :seq")
                    .bind("seq", upload.seq())
                    .execute();
        });
    }

    /** Uploads in one state that have not changed it since a time; at most {@code limit}, after a row. */
    List<Upload> unchangedSince(UploadState state, Instant since, long afterSeq, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM upload WHERE state = :state AND changed <= :since AND seq > :after
                        ORDER BY seq LIMIT :limit
                        """)
                .bind("state", state.column())
                .bind("since", since.toEpochMilli())
                .bind("after", afterSeq)
                .bind("limit", limit)
                .map((row, context) -> upload(row))
                .list());
    }

    /** Bytes of plaintext that wait in the staging bucket, as far as the tables know. */
    long stagedBytes() {
        return database.read(
                handle -> handle.createQuery("SELECT COALESCE(SUM(size), 0) FROM part WHERE staged IS NOT NULL")
                        .mapTo(Long.class)
                        .one());
    }

    boolean isStaged(String stagedKey) {
        return database.read(handle -> handle.createQuery("SELECT COUNT(*) FROM part WHERE staged = :key")
                        .bind("key", stagedKey)
                        .mapTo(Integer.class)
                        .one())
                > 0;
    }

    /**
     * Uploads of a bucket that take parts, in the order of listings: by key, and by age under one key.
     *
     * @param from keys from this one on
     * @param afterSeq of those under {@code from}, rows after this one only; -1 for all
     */
    List<Upload> page(String bucket, String from, long afterSeq, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM upload WHERE bucket = :bucket AND state IN ('open', 'completing')
                            AND (object_key > :from OR (object_key = :from AND seq > :after))
                        ORDER BY object_key, seq LIMIT :limit
                        """)
                .bind("bucket", bucket)
                .bind("from", from)
                .bind("after", afterSeq)
                .bind("limit", limit)
                .map((row, context) -> upload(row))
                .list());
    }

    private static UploadState state(Handle handle, long seq) {
        return handle.createQuery("SELECT state FROM upload WHERE seq = :seq")
                .bind("seq", seq)
                .mapTo(String.class)
                .findOne()
                .map(UploadState::ofColumn)
                .orElse(UploadState.ABORTED);
    }

    private static Upload upload(ResultSet row) throws SQLException {
        String checksum = row.getString("checksum");
        return new Upload(
                row.getLong("seq"),
                row.getString("id"),
                row.getString("bucket"),
                row.getString("object_key"),
                row.getString("store_id"),
                row.getString("principal"),
                row.getString("principal_id"),
                Instant.ofEpochMilli(row.getLong("initiated")),
                map(row.getString("headers")),
                checksum == null ? null : ChecksumAlgorithm.valueOf(checksum),
                "COMPOSITE".equals(row.getString("checksum_type")),
                UploadState.ofColumn(row.getString("state")),
                row.getLong("fence"),
                row.getString("list_hash"),
                row.getString("result"));
    }

    private static Part part(ResultSet row) throws SQLException {
        return new Part(
                row.getInt("number"),
                row.getString("etag"),
                row.getLong("size"),
                Id128.parse(row.getString("nonce")),
                row.getString("facts"),
                row.getString("staged"),
                Instant.ofEpochMilli(row.getLong("modified")));
    }

    static String json(Map<String, String> map) {
        try {
            return JSON.writeValueAsString(map);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, String> map(String json) {
        try {
            return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
