#!/usr/bin/env python3
"""Volumes side by side, over NBD on unix sockets: sallyport-volume, nbdkit (luks filter, and plain) and qemu-nbd (LUKS).

Needs cryptsetup, fio, nbdkit, qemu-utils and a built distribution. Everything lies in one directory in memory (/dev/shm) and is
removed at the end. Prints a Markdown table.
"""
import argparse, base64, glob, http.server, json, os, secrets, shutil, signal, statistics, subprocess, sys, tempfile
import threading, time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
KEY = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000"
JOBS = (  # name, fio's rw, block size, queue depth
    ("seq R", "read", "1M", 8),
    ("seq W", "write", "1M", 8),
    ("4k R qd1", "randread", "4k", 1),
    ("4k R qd32", "randread", "4k", 32),
    ("4k W qd1", "randwrite", "4k", 1),
    ("4k W qd32", "randwrite", "4k", 32),
)


class StandInKms(http.server.BaseHTTPRequestHandler):
    """Makes data keys and hands them back: no KMS is on the path of the data, so any does."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].split(".")[1]
        if operation == "GenerateDataKey":
            key = base64.b64encode(secrets.token_bytes(body["NumberOfBytes"])).decode()
            answer = {"KeyId": KEY, "Plaintext": key, "CiphertextBlob": key}
        else:
            answer = {"KeyId": KEY, "Plaintext": body["CiphertextBlob"]}
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


def cpu(pid):
    """CPU seconds, user and system, that the process has used."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Resident MiB, at its highest."""
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0


def fio(socket, rw, size, block, depth, limit):
    command = ["fio", "--name=x", "--ioengine=nbd", f"--uri=nbd+unix:///?socket={socket}", f"--rw={rw}",
               f"--bs={block}", f"--iodepth={depth}", f"--size={size}M", "--randrepeat=0", "--norandommap",
               "--output-format=json"] + limit
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        sys.exit(f"fio failed: {done.stdout[-400:]} {done.stderr[-400:]}")
    job = json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]
    return job["read" if "read" in rw else "write"]


def await_socket(path, process):
    end = time.time() + 60
    while not os.path.exists(path):
        if process.poll() is not None or time.time() > end:
            sys.exit(f"not served: {path}")
        time.sleep(0.1)


def servers(options, directory, start):
    """Starts all four over images of their own; yields name, process and socket."""
    def at(name):
        return os.path.join(directory, name)

    kms = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandInKms)
    threading.Thread(target=kms.serve_forever, daemon=True).start()
    environment = dict(os.environ, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", SALLYPORT_RUNTIME_DIR=at("run"))
    endpoint = ["--kms-endpoint", f"http://127.0.0.1:{kms.server_port}"]
    subprocess.run([options.agent, "create", at("s.img"), "--size", f"{options.size}M", "--key", KEY] + endpoint,
                   env=environment, check=True, stdout=subprocess.DEVNULL)
    agent = start([options.agent, "attach", at("s.img"), "--socket", at("s.sock")] + endpoint, env=environment)

    with open(at("secret"), "w") as file:
        file.write("benchmark")
    secret = f"secret,id=s,file={at('secret')}"
    for name in ("n.img", "q.img"):
        with open(at(name), "wb") as file:
            file.truncate((options.size + 2) << 20)
        # not by qemu-img, whose measuring of PBKDF2 fails on a busy machine
        subprocess.run(["cryptsetup", "-q", "luksFormat", "--type", "luks1", "--cipher", "aes-xts-plain64", "--key-size",
                        "512", "--pbkdf-force-iterations", "1000", at(name), at("secret")], check=True,
                       env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))
    with open(at("p.img"), "wb") as file:
        file.truncate(options.size << 20)
    luks = start(["nbdkit", "-f", "-U", at("n.sock"), "--filter=luks", "file", at("n.img"),
                  f"passphrase=+{at('secret')}"])
    qemu = start(["qemu-nbd", "-t", "-e", "8", "-k", at("q.sock"), "--object", secret, "--image-opts",
                  f"driver=luks,key-secret=s,file.driver=file,file.filename={at('q.img')}"])
    plain = start(["nbdkit", "-f", "-U", at("p.sock"), "file", at("p.img")])
    for name, process, socket in (("sallyport-volume", agent, "s.sock"), ("nbdkit, luks filter", luks, "n.sock"),
                                  ("qemu-nbd, LUKS", qemu, "q.sock"), ("nbdkit, plain", plain, "p.sock")):
        await_socket(at(socket), process)
        yield name, process, at(socket)


def measure(options, directory, start):
    targets = list(servers(options, directory, start))
    figures = {}
    for name, process, socket in targets:
        fio(socket, "write", options.size, "1M", 8, [])
    timed = ["--time_based", f"--runtime={options.seconds}"]
    for number in range(-1, options.rounds):  # the first one warms up
        for job, rw, block, depth in JOBS:
            for name, process, socket in targets:
                before = cpu(process.pid)
                result = fio(socket, rw, options.size, block, depth, timed)
                used = cpu(process.pid) - before
                if number >= 0:
                    unit = result["bw_bytes"] / (1 << 20) if block == "1M" else result["iops"]
                    figures.setdefault((name, job), []).append(
                        (unit, result["clat_ns"]["percentile"]["99.000000"] / 1000, used * 1e6 / result["total_ios"]))
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)

    def median(name, job, index):
        return statistics.median(values[index] for values in figures[name, job])

    print("| | seq R/W 1M qd8 MiB/s | 4k R qd1 IOPS (p99 µs) | 4k R qd32 | 4k W qd1 | 4k W qd32 |"
          " server CPU µs/op: 4k R qd1, qd32; W qd1, qd32 | resident MiB |")
    print("|---|---|---|---|---|---|---|---|")
    for name, process, socket in targets:
        small = [f"{median(name, job, 0):.0f} ({median(name, job, 1):.0f})" for job, *_ in JOBS[2:]]
        used = [f"{median(name, job, 2):.1f}" for job, *_ in JOBS[2:]]
        print(f"| {name} | {median(name, 'seq R', 0):.0f} / {median(name, 'seq W', 0):.0f} | {' | '.join(small)} |"
              f" {', '.join(used[:2])}; {', '.join(used[2:])} | {memory(process.pid):.0f} |")
    ours = targets[0][0]
    for other, _, _ in targets[1:]:
        ratios = [f"{median(ours, job, 0) / median(other, job, 0):.2f}" for job, *_ in JOBS]
        used = [f"{median(ours, job, 2) / median(other, job, 2):.2f}" for job, *_ in JOBS[2:]]
        print(f"| sallyport-volume / {other} | {ratios[0]} / {ratios[1]} | {' | '.join(ratios[2:])} |"
              f" {', '.join(used[:2])}; {', '.join(used[2:])} | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024, help="MiB of each volume (1024)")
    parser.add_argument("--seconds", type=int, default=4, help="of each run (4)")
    parser.add_argument("--rounds", type=int, default=3, help="whose medians are taken, after one to warm up (3)")
    parser.add_argument("--agent", help="the launcher; else that of the distribution under volume-agent/target")
    options = parser.parse_args()
    if not options.agent:
        built = glob.glob(os.path.join(ROOT, "volume-agent", "target", "sallyport-volume-*", "bin", "sallyport-volume"))
        if not built:
            sys.exit("no distribution: mvn -DskipTests package")
        options.agent = built[0]
    for program in ("fio", "nbdkit", "qemu-nbd"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: apt-get install cryptsetup-bin fio nbdkit qemu-utils")
    directory = tempfile.mkdtemp(prefix="sallyport-volumes-", dir="/dev/shm")
    processes = []

    def start(command, **more):
        log = open(os.path.join(directory, f"{len(processes)}.log"), "wb")
        processes.append(subprocess.Popen(command, stdout=log, stderr=log, **more))
        return processes[-1]

    try:
        measure(options, directory, start)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
