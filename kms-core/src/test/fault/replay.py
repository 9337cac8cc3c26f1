#!/usr/bin/env python3
"""Rebuilds files as they would be after a power cut, from a log of faultlayer.c.

    replay.py LOG ROOT BASE OUT [--unsynced none|random|all] [--seed N]

BASE is a copy of ROOT as it was before the recorded process started; OUT is made. What was synced is there. What was not
is dropped (none), kept by chance (random: each pending write of a file by itself, torn at 512 bytes; pending directory
operations up to a chosen point, since file systems keep their order), or kept (all: plain kill -9).
A name is durable once its directory was synced; a file's bytes once the file was.
"""
import argparse
import os
import random
import shutil
import struct

HEAD = struct.Struct("<BIIQQ")


class File:
    def __init__(self, content=b""):
        self.synced = bytearray(content)
        self.pending = []

    def sync(self):
        for op in self.pending:
            apply(self.synced, op)
        self.pending = []

    def after_cut(self, unsynced, rnd):
        content = bytearray(self.synced)
        for op in self.pending:
            if unsynced == "all" or unsynced == "random" and rnd.random() < 0.5:
                if unsynced == "random" and op[0] == "W" and rnd.random() < 0.3:
                    whole = rnd.randrange(0, len(op[2]) // 512 + 1) * 512
                    op = ("W", op[1], op[2][:whole])
                apply(content, op)
        return content


def apply(content, op):
    if op[0] == "W":
        _, offset, data = op
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset:offset + len(data)] = data
    else:
        size = op[1]
        if size < len(content):
            del content[size:]
        else:
            content.extend(bytes(size - len(content)))


class Names:
    """One view of the name space: path to File, and the directories."""

    def __init__(self, files, dirs):
        self.files, self.dirs = files, dirs

    def apply(self, op):
        kind = op[0]
        if kind == "C":
            self.files[op[1]] = op[2]
        elif kind == "U":
            self.files.pop(op[1], None)
            self.dirs.discard(op[1])
        elif kind == "M":
            self.dirs.add(op[1])
        elif kind == "L":
            if op[1] in self.files:
                self.files[op[2]] = self.files[op[1]]
        else:
            source, target = op[1], op[2]
            if source in self.files:
                self.files[target] = self.files.pop(source)
            for path in [p for p in self.files if p.startswith(source + "/")]:
                self.files[target + path[len(source):]] = self.files.pop(path)
            for path in [p for p in self.dirs if p == source or p.startswith(source + "/")]:
                self.dirs.discard(path)
                self.dirs.add(target + path[len(source):])


def directories(op):
    return {os.path.dirname(p) for p in op[1:] if isinstance(p, str)}


def records(log):
    while True:
        head = log.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        kind, a, _, offset, length = HEAD.unpack(head)
        payload = log.read(length)
        if len(payload) < length:
            return  # the process was killed in mid-record: its operation was not acknowledged
        yield chr(kind), a, offset, payload


def main():
    args = argparse.ArgumentParser()
    for name in ("log", "root", "base", "out"):
        args.add_argument(name)
    args.add_argument("--unsynced", choices=("none", "random", "all"), default="none")
    args.add_argument("--seed", type=int, default=0)
    args = args.parse_args()
    root = os.path.realpath(args.root)
    files, dirs = {}, {root}
    for where, names, leaves in os.walk(args.base):
        here = os.path.normpath(os.path.join(root, os.path.relpath(where, args.base)))
        dirs.update(os.path.join(here, n) for n in names)
        for leaf in leaves:
            path = os.path.join(where, leaf)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    files[os.path.join(here, leaf)] = File(f.read())
    now = Names(dict(files), set(dirs))
    durable = Names(dict(files), set(dirs))
    by_id, pending = {}, []

    def name(op):
        now.apply(op)
        pending.append(op)

    with open(args.log, "rb") as log:
        for kind, a, offset, payload in records(log):
            if kind == "C":
                path = payload.decode()
                known = now.files.get(path)
                if known is None:
                    by_id[a] = File()  # new, or an inode number used again
                    name(("C", path, by_id[a]))
                else:
                    by_id[a] = known
            elif kind == "W" and a in by_id:
                by_id[a].pending.append(("W", offset, payload))
            elif kind == "T" and a in by_id:
                by_id[a].pending.append(("T", offset))
            elif kind == "S":
                if a in by_id:
                    by_id[a].sync()
            elif kind in "RL":
                name((kind, payload[:a].decode(), payload[a:].decode()))
            elif kind in "UM":
                name((kind, payload.decode()))
            elif kind == "D":
                directory = payload.decode()
                rest = []
                for op in pending:
                    if directory in directories(op):
                        durable.apply(op)
                    else:
                        rest.append(op)
                pending = rest
    rnd = random.Random(args.seed)
    kept = {"none": 0, "all": len(pending), "random": rnd.randint(0, len(pending))}[args.unsynced]
    for op in pending[:kept]:
        durable.apply(op)
    shutil.rmtree(args.out, ignore_errors=True)
    os.makedirs(args.out)
    for directory in sorted(durable.dirs):
        os.makedirs(os.path.normpath(os.path.join(args.out, os.path.relpath(directory, root))), mode=0o700, exist_ok=True)
    for path, file in durable.files.items():
        target = os.path.normpath(os.path.join(args.out, os.path.relpath(path, root)))
        if not os.path.isdir(os.path.dirname(target)):
            continue  # its directory was never synced, so it is gone
        with open(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as f:
            f.write(file.after_cut(args.unsynced, rnd))


if __name__ == "__main__":
    main()
