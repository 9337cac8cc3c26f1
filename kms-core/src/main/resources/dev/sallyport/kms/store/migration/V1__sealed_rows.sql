-- Both SQLite and PostgreSQL take this. Identities are in the clear, by which rows are found; what they say is sealed.
-- Ids compare by their UTF-8 bytes: SQLite's own order; in PostgreSQL the database has the collation "C".
CREATE TABLE sealed_row (
    kind VARCHAR(64) NOT NULL,
    id VARCHAR(1024) NOT NULL,
    idx VARCHAR(1024),
    sealed BYTEA NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE INDEX sealed_row_by_index ON sealed_row (kind, idx, id);

-- One row, named 'state': epoch, number of rows and the hash over all of them, sealed.
CREATE TABLE store_state (
    name VARCHAR(16) NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (name)
);
