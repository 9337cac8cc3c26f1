#!/usr/bin/env python3
"""An S3 store that keeps nothing: PUT discards what it is sent, but for keys that begin with "kept", which go to a file and
can be read back any number of times. It checks no signature, and knows just what the gateway asks of a store.

    discard_store.py PORT DIRECTORY
"""
import os, re, socket, socketserver, sys, threading, urllib.parse

BUFFER = 1 << 20
SOCKET_BUFFER = 4 << 20
BUCKETS = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"


class Handler(socketserver.StreamRequestHandler):
    rbufsize = BUFFER
    objects, lock = {}, threading.Lock()

    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()
        self.buffer = memoryview(bytearray(BUFFER))

    def handle(self):
        try:
            while self.one():
                pass
        except (ConnectionError, TimeoutError):
            pass

    def one(self):
        line = self.rfile.readline(8192).decode("latin-1")
        if not line:
            return False
        verb, target, _ = line.split(" ", 2)
        headers = {}
        while (line := self.rfile.readline(65536).decode("latin-1").rstrip("\r\n")):
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        path = urllib.parse.urlsplit(target).path.lstrip("/")
        bucket, _, key = path.partition("/")
        if verb == "PUT":
            self.put(path, key, headers, length)
        elif verb == "DELETE":
            self.answer("204 No Content")
        elif not key:
            self.answer("200 OK", body=b"" if bucket else BUCKETS, head=verb == "HEAD")
        elif path in self.objects:
            self.get(verb, *self.objects[path])
        else:
            self.answer("404 Not Found", head=verb == "HEAD")
        return True

    def put(self, path, key, headers, length):
        file = open(os.path.join(self.server.directory, re.sub(r"\W", "_", path)), "w+b") if key.startswith("kept") else None
        left = length
        while left:
            count = self.rfile.readinto1(self.buffer[:min(left, BUFFER)])
            if not count:
                raise ConnectionError("the body ended early")
            if file:
                file.write(self.buffer[:count])
            left -= count
        if file:
            file.flush()
            kept = {name: value for name, value in headers.items() if name.startswith("x-amz-meta-") or name == "content-type"}
            with self.lock:
                self.objects[path] = (file, length, kept)
        self.answer("200 OK", {"ETag": '"00000000000000000000000000000001"'})

    def get(self, verb, file, length, kept):
        self.answer("200 OK", {**kept, "ETag": '"00000000000000000000000000000001"',
                               "Last-Modified": "Tue, 24 Nov 2026 00:00:00 GMT"}, length=length, head=True)
        sent = 0
        while verb == "GET" and sent < length:
            sent += os.sendfile(self.request.fileno(), file.fileno(), sent, length - sent)

    def answer(self, status, headers={}, body=b"", length=None, head=False):
        lines = [f"HTTP/1.1 {status}"] + [f"{name}: {value}" for name, value in headers.items()]
        if not status.startswith("204"):
            lines.append(f"Content-Length: {len(body) if length is None else length}")
        self.wfile.write("\r\n".join(lines + ["", ""]).encode("latin-1") + (b"" if head else body))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 256


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Handler, bind_and_activate=False) as server:
        server.directory = sys.argv[2]
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        server.server_bind()
        server.server_activate()
        server.serve_forever()
