-- Multipart uploads in progress. Nothing here is needed to read a completed object.
CREATE TABLE upload (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    bucket        TEXT NOT NULL,
    object_key    TEXT NOT NULL,
    store_id      TEXT NOT NULL,
    principal     TEXT NOT NULL,
    principal_id  TEXT NOT NULL,
    initiated     INTEGER NOT NULL,
    headers       TEXT NOT NULL,
    checksum      TEXT,
    checksum_type TEXT,
    state         TEXT NOT NULL CHECK (state IN ('open', 'completing', 'done', 'aborted')),
    fence         INTEGER NOT NULL DEFAULT 0,
    list_hash     TEXT,
    result        TEXT,
    changed       INTEGER NOT NULL
);
CREATE INDEX upload_by_key ON upload (bucket, object_key, seq);
CREATE INDEX upload_by_state ON upload (state, changed);

-- A part may be there more than once: sent again, or concurrently. Complete picks one by its ETag.
CREATE TABLE part (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    upload_seq INTEGER NOT NULL REFERENCES upload (seq),
    number     INTEGER NOT NULL,
    etag       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    nonce      TEXT NOT NULL,
    facts      TEXT NOT NULL,
    staged     TEXT,
    modified   INTEGER NOT NULL
);
CREATE INDEX part_by_upload ON part (upload_seq, number, seq);
CREATE INDEX part_by_staged ON part (staged) WHERE staged IS NOT NULL;
