#!/usr/bin/env python3
"""Many long streams at once through a gateway with a small heap, before a store that discards (discard_store.py): throughput,
CPU, memory over time, and what one reader that takes almost nothing does to the others. Prints a Markdown table.

Needs boto3 and a built distribution. Everything is on loopback and in one temporary directory, which holds one object.
"""
import argparse, http.client, os, secrets, subprocess, sys, threading, time
import run

MIB = 1 << 20
BLOCK = os.urandom(MIB)


def rss(pid):
    """Resident MiB."""
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    return int(fields["VmRSS"].split()[0]) / 1024


class Sampler(threading.Thread):
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.values, self.over = pid, [rss(pid)], threading.Event()

    def run(self):
        while not self.over.wait(0.5):
            self.values.append(rss(self.pid))

    def end(self):
        self.over.set()
        self.join()
        return self.values + [rss(self.pid)]


def put(target, path, mib):
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=600)
    connection.request("PUT", path, body=(BLOCK for _ in range(mib)),
                       headers={"Host": target.host, "Content-Length": str(mib * MIB)})
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(f"PUT answered {answer.status} {answer.read(300)!r}")
    answer.read()
    connection.close()


def get(target, path, mib):
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=600)
    connection.request("GET", path, headers={"Host": target.host})
    answer = connection.getresponse()
    size, buffer = 0, bytearray(MIB)
    while count := answer.readinto(buffer):
        size += count
    if answer.status != 200 or size != mib * MIB:
        sys.exit(f"GET answered {answer.status} and {size} bytes")
    connection.close()


def crawl(target, path, over):
    """Reads 16 KiB a second."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=600)
    connection.request("GET", path, headers={"Host": target.host})
    answer = connection.getresponse()
    while not over.wait(1):
        answer.read(16 << 10)
    connection.close()


def together(work, argument_lists):
    """Runs work for each, all at once; seconds until the first and until the last was through."""
    ends, start = [], time.time()

    def one(arguments):
        work(*arguments)
        ends.append(time.time() - start)

    threads = [threading.Thread(target=one, args=(a,)) for a in argument_lists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(ends) != len(threads):
        sys.exit("a stream failed")
    return min(ends), max(ends)


def row(name, pid, streams, mib, work):
    sampler, before = Sampler(pid), run.cpu(pid)
    sampler.start()
    first, last = work()
    used, values = run.cpu(pid) - before, sampler.end()
    late = values[len(values) // 2:]
    print(f"| {name} | {streams} × {mib} MiB | {streams * mib / last:.0f} | {used * 1024 / (streams * mib):.2f} "
          f"| {first:.0f} – {last:.0f} | {values[0]:.0f} | {min(late):.0f} – {max(late):.0f} |", flush=True)


def streams(options, directory, processes):
    def start(command, log, **more):
        process = subprocess.Popen(command, stdout=open(os.path.join(directory, log), "wb"),
                                   stderr=subprocess.STDOUT, **more)
        processes.append(process)
        return process

    port = run.free_port()
    store = start([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "discard_store.py"),
                   str(port), directory], "store.log")
    run.wait(f"http://127.0.0.1:{port}/", store)
    gateway, gate, _, user = run.start_gateway(start, lambda name: os.path.join(directory, name), port, {
        "SALLYPORT_STORE_ACCESS_KEY": secrets.token_hex(8), "SALLYPORT_STORE_SECRET_KEY": secrets.token_hex(20),
        "SALLYPORT_JAVA_OPTS": f"-Xmx{options.heap}m"})
    target = run.Target("gateway", gateway.pid, gate, f"127.0.0.1:{gate}", user.access_key, user.secret_key)
    target.s3.create_bucket(Bucket="streams")
    print(f"Heap {options.heap} MiB; load average {os.getloadavg()[0]:.1f} at the start.\n")
    print("| | streams | MiB/s | CPU s/GiB | first – last through, s | RSS at the start, MiB | RSS in the second half, MiB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    mib, count = options.mib, options.streams
    kept = target.path("put_object", "streams", "kept")
    put(target, kept, mib)
    read = target.path("get_object", "streams", "kept")
    row("PUT", gateway.pid, count, mib, lambda: together(
        put, [(target, target.path("put_object", "streams", f"discarded-{i}"), mib) for i in range(count)]))
    row("GET", gateway.pid, count, mib, lambda: together(get, [(target, read, mib)] * count))
    few = min(8, count)
    for slow in (0, 1) * options.turns:
        over = threading.Event()
        crawlers = [threading.Thread(target=crawl, args=(target, read, over)) for _ in range(slow)]
        for crawler in crawlers:
            crawler.start()
        time.sleep(1)
        row(f"GET beside {slow} slow readers", gateway.pid, few, mib, lambda: together(get, [(target, read, mib)] * few))
        over.set()
        for crawler in crawlers:
            crawler.join()
    print(f"\nLoad average {os.getloadavg()[0]:.1f} at the end.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--mib", type=int, default=1024, help="MiB of each stream")
    parser.add_argument("--heap", type=int, default=256, help="MiB, the gateway's -Xmx")
    parser.add_argument("--turns", type=int, default=2, help="of reading with and without a slow reader")
    options = parser.parse_args()
    run.in_directory(lambda directory, processes: streams(options, directory, processes))


if __name__ == "__main__":
    main()
