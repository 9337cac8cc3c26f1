#!/usr/bin/env python3
"""Opens an object of Sallyport from what the store holds and the object's data key.

An independent reader of gateway/docs/object-format.md, for checking the format and for the day on which
nothing else is left: the KMS (or a key store's backup) gives the data key, the store the rest.

  read_object.py --metadata VALUE --data-key-file KEY --stored FILE > plaintext

VALUE is the x-amz-meta-sallyport header; KEY holds 64 hex digits; FILE the object's bytes as the store has them.
With --mac-key-file, --bucket, --key and --header NAME=VALUE (for every other header kept in the clear) the
metadata's MAC is verified too. Needs the package `cryptography` (Debian: python3-cryptography).
"""
import argparse
import base64
import hashlib
import hmac
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEGMENT, TAG, EMPTY, SINGLE, MULTIPART = 65536, 16, 0, 1, 2
CHECKSUM_LENGTHS = {0: 0, 1: 4, 2: 4, 3: 8, 4: 20, 5: 32}


def derive(key, label, context, length=32):
    """NIST SP 800-108 in counter mode with HMAC-SHA-256; one block is enough."""
    fixed = label + b"\0" + context + struct.pack(">I", 8 * length)
    return hmac.new(key, struct.pack(">I", 1) + fixed, hashlib.sha256).digest()[:length]


def context(meta, purpose, part, nonce):
    head = b"sallyport/object" + bytes([1, meta["plan"], purpose, 0])
    return head + meta["id"] + struct.pack(">I", part) + nonce


def parse_metadata(value):
    raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    body, (mac_key, mac) = raw[:-36], struct.unpack(">I32s", raw[-36:])
    if body[0] != 1 or body[3] != 0:
        sys.exit("unknown version")
    meta = dict(plan=body[1], layout=body[2], id=body[4:20], commitment=body[20:52],
                body=body, mac_key=mac_key, mac=mac, fields={})
    at = 52
    while at < len(body):
        tag, length = struct.unpack_from(">BH", body, at)
        meta["fields"][tag] = body[at + 3:at + 3 + length]
        at += 3 + length
    return meta


def verify_mac(meta, mac_key, bucket, key, headers):
    def sized(data):
        return struct.pack(">I", len(data)) + data
    text = sized(b"sallyport/v1/object-metadata") + sized(bucket.encode()) + sized(key.encode())
    text += sized(meta["body"]) + struct.pack(">II", meta["mac_key"], len(headers))
    for name, val in sorted(headers.items()):
        text += sized(name.encode("latin-1")) + sized(val.encode("latin-1"))
    if not hmac.compare_digest(hmac.new(mac_key, text, hashlib.sha256).digest(), meta["mac"]):
        sys.exit("the metadata does not authenticate")


def open_segments(meta, key, part, nonce, length, stored, at):
    """The plaintext of a stream of `length` bytes that begins at `at`, and where it ends."""
    cipher = AESGCM(derive(key, b"sallyport/v1/segment-stream", context(meta, 1, part, nonce)))
    out, count = [], max(1, -(-length // SEGMENT))
    for index in range(count):
        size = min(SEGMENT, length - index * SEGMENT) + TAG
        iv = bytes(7) + struct.pack(">IB", index, index == count - 1)
        out.append(cipher.decrypt(iv, stored[at:at + size], None))
        at += size
    return b"".join(out), at


def open_tail(meta, key, stored):
    footer = stored[-32:]
    magic, version, layout, _, sealed, _ = struct.unpack(">4sBBHII", footer[:16])
    if magic != b"SPft" or version != 1 or layout != meta["layout"]:
        sys.exit("no footer of this object")
    message = stored[-32 - sealed:-32]
    secret = derive(key, b"sallyport/v1/object-message", context(meta, 2, 0, footer[16:]))
    return AESGCM(secret).decrypt(bytes(12), message, footer), len(stored) - 32 - sealed


def read_object(meta, key, stored):
    if not hmac.compare_digest(derive(key, b"sallyport/v1/data-key-commitment", b""), meta["commitment"]):
        sys.exit("this is not the object's data key")
    if meta["layout"] == EMPTY:
        return b""
    message, tail_at = open_tail(meta, key, stored)
    if meta["layout"] == SINGLE:
        length = struct.unpack(">Q", meta["fields"][1])[0]
        plain, at = open_segments(meta, key, 0, meta["fields"][2], length, stored, 0)
    else:
        _, algorithm, facts, count = struct.unpack_from(">BBHI", message)
        plain, at, entry = b"", 0, 8 + facts
        for _ in range(count):
            part, length, nonce = struct.unpack_from(">HQ16s", message, entry)
            entry += 26 + CHECKSUM_LENGTHS[algorithm]
            if stored[at:at + 32] != struct.pack(">4sB3xII16s", b"SPph", 1, part, 0, nonce):
                sys.exit("part %d has another header" % part)
            opened, at = open_segments(meta, key, part, nonce, length, stored, at + 32)
            plain += opened
    if at != tail_at:
        sys.exit("bytes between the last segment and the tail")
    return plain


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("metadata", "data-key-file", "stored"):
        args.add_argument("--" + name, required=True)
    for name in ("mac-key-file", "bucket", "key"):
        args.add_argument("--" + name)
    args.add_argument("--header", action="append", default=[], metavar="NAME=VALUE")
    given = args.parse_args()
    meta = parse_metadata(given.metadata)
    if given.mac_key_file:
        headers = dict(header.split("=", 1) for header in given.header)
        with open(given.mac_key_file, encoding="ascii") as file:
            verify_mac(meta, bytes.fromhex(file.read().strip()), given.bucket, given.key, headers)
    with open(given.data_key_file, encoding="ascii") as file:
        key = bytes.fromhex(file.read().strip())
    with open(given.stored, "rb") as file:
        stored = file.read()
    sys.stdout.buffer.write(read_object(meta, key, stored))


if __name__ == "__main__":
    main()
