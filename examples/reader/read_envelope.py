#!/usr/bin/env python3
"""Opens an envelope of `sallyport encrypt` with key files.

An independent reader of kms-core/docs/envelope.md, for checking the format and for the day on which nothing else
is left. What a KMS wrapped, it opens with the 32 bytes that the KMS's Decrypt gives for it.

  read_envelope.py --key-file FILE... [--unwrapped ARN=HEXFILE...] ENVELOPE > plaintext

Needs the package `cryptography` (Debian: python3-cryptography).
"""
import argparse
import hashlib
import hmac
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

PLANS = {1: (65536, 16), 2: (131072, 32)}
SINGLE, ANY_OF, ALL_OF = 1, 2, 3
KMS, KEY_FILE = 1, 2


def derive(key, label, context, length):
    """NIST SP 800-108 in counter mode with HMAC-SHA-256."""
    fixed = label + b"\0" + context + struct.pack(">I", 8 * length)
    blocks = (hmac.new(key, struct.pack(">I", i + 1) + fixed, hashlib.sha256).digest()
              for i in range((length + 31) // 32))
    return b"".join(blocks)[:length]


def same(left, right, what):
    if not hmac.compare_digest(left, right):
        sys.exit(what + " does not authenticate")


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        if self.at + length > len(self.data):
            sys.exit("a length is wrong")
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]


def parse(envelope):
    if envelope[:5] != b"SPEV\1" or len(envelope) < 12:
        sys.exit("no envelope of version 1")
    plan, combination, count, length = struct.unpack(">BBBI", envelope[5:12])
    if plan not in PLANS or combination not in (SINGLE, ANY_OF, ALL_OF) or length > min(65536, len(envelope)):
        sys.exit("unknown plan or combination, or cut short")
    if not (count == 1 if combination == SINGLE else 2 <= count <= 16):
        sys.exit("wrong number of keys")
    cursor = Cursor(envelope[12:length - 32])
    header = dict(plan=plan, combination=combination, bytes=envelope[:length - 32], mac=envelope[length - 32:length],
                  id=cursor.take(16), commitment=cursor.take(32), context=cursor.take(cursor.number(">I")))
    header["wraps"] = [(cursor.number(">B"), cursor.take(cursor.number(">H")).decode("ascii"),
                        cursor.take(cursor.number(">H"))) for _ in range(count)]
    if cursor.at != len(cursor.data):
        sys.exit("bytes are left over in the header")
    return header, envelope[length:]


def open_blob(key, blob, context):
    """A ciphertext blob: kms-core/docs/ciphertext-blob.md."""
    if blob[:6] != b"SPKB\1\1":
        sys.exit("no ciphertext blob")
    end = 99 + blob[6]
    header = blob[:end]
    keys = derive(key, b"sallyport/v1/ciphertext-blob", header[:-32] + hashlib.sha256(context).digest(), 64)
    same(keys[32:], header[-32:], "a wrapped key")
    return AESGCM(keys[:32]).decrypt(header[-44:-32], blob[end:], header + context)


def data_key(header, files, unwrapped):
    by_id = {"file-" + derive(key, b"sallyport/v1/key-file-id", b"", 48)[:16].hex(): key for key in files}
    opened = []
    for provider, key_id, blob in header["wraps"]:
        if provider == KEY_FILE and key_id in by_id:
            opened.append(open_blob(by_id[key_id], blob, header["context"]))
        elif provider == KMS and key_id in unwrapped:
            opened.append(unwrapped[key_id])
    if header["combination"] == ALL_OF:
        if len(opened) < len(header["wraps"]):
            sys.exit("all keys are needed")
        context = header["id"] + bytes([len(opened)])
        return derive(b"".join(opened), b"sallyport/v1/data-key-shares", context, 32)
    if not opened:
        sys.exit("no key at hand opens it")
    return opened[0]


def body(header, key, sealed, out):
    size, tags = PLANS[header["plan"]]
    info = b"sallyport/envelope" + bytes([1, header["plan"]]) + header["id"]
    if header["plan"] == 1:
        layers = [AESGCM(derive(key, b"sallyport/v1/segment-stream", info, 32))]
    else:
        keys = derive(key, b"sallyport/v1/segment-cascade", info, 64)
        layers = [ChaCha20Poly1305(keys[32:]), AESGCM(keys[:32])]
    at = index = 0
    while True:
        end = min(at + size + tags, len(sealed))
        last = end == len(sealed)
        segment = sealed[at:end]
        if len(segment) < tags or (len(segment) == tags and index > 0):
            sys.exit("cut short")
        nonce = bytes(7) + struct.pack(">IB", index, last)
        for layer in layers:
            segment = layer.decrypt(nonce, segment, b"")
        out.write(segment)
        if last:
            return
        at, index = end, index + 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--key-file", action="append", default=[])
    parser.add_argument("--unwrapped", action="append", default=[], metavar="ARN=HEXFILE")
    parser.add_argument("envelope")
    args = parser.parse_args()
    files = [open(name, "rb").read() for name in args.key_file]
    unwrapped = {arn: bytes.fromhex(open(name).read()) for arn, name in (u.rsplit("=", 1) for u in args.unwrapped)}
    header, sealed = parse(open(args.envelope, "rb").read())
    try:
        key = data_key(header, files, unwrapped)
        same(derive(key, b"sallyport/v1/data-key-commitment", b"", 32), header["commitment"], "the data key")
        mac_key = derive(key, b"sallyport/v1/envelope-header", b"", 32)
        same(hmac.new(mac_key, header["bytes"], hashlib.sha256).digest(), header["mac"], "the header")
        body(header, key, sealed, sys.stdout.buffer)
    except InvalidTag:
        sys.exit("it does not authenticate")


if __name__ == "__main__":
    main()
