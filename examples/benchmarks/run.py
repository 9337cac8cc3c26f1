#!/usr/bin/env python3
"""Objects and KMS side by side: MinIO direct, nginx (streaming, plain) and the gateway; prints Markdown tables.

Needs boto3, minio, nginx, wrk and a built distribution. Everything is on loopback and in one temporary directory.
"""
import argparse, base64, configparser, glob, http.client, json, os, re, secrets, shutil, signal, socket
import statistics, subprocess, sys, tempfile, time, urllib.parse, urllib.request
import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MIB = 1 << 20
OBJECT = 64 * MIB


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(url, process, seconds=60):
    end = time.time() + seconds
    while time.time() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f"not ready: {url}")


def cpu(pid):
    """CPU seconds, user and system, that the process has used."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Target:
    def __init__(self, name, pid, port, host, access, secret):
        self.name, self.pid, self.port, self.host = name, pid, port, host
        self.s3 = boto3.client("s3", endpoint_url=f"http://{host}", region_name="us-east-1",
                               aws_access_key_id=access, aws_secret_access_key=secret,
                               config=Config(signature_version="s3v4", s3={"addressing_style": "path"},
                                             request_checksum_calculation="when_required"))
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.figures = {}

    def path(self, method, bucket, key):
        url = self.s3.generate_presigned_url(method, Params={"Bucket": bucket, "Key": key}, ExpiresIn=3600)
        parts = urllib.parse.urlsplit(url)
        return f"{parts.path}?{parts.query}"

    def reconnect(self):
        """Before a series: a connection that was idle for long may be closed."""
        self.connection.close()
        self.connection.connect()

    def exchange(self, verb, path, body=None):
        self.connection.request(verb, path, body=body, headers={"Host": self.host})
        answer = self.connection.getresponse()
        size = 0
        buffer = bytearray(MIB)
        while count := answer.readinto(buffer):
            size += count
        if answer.status != 200:
            sys.exit(f"{self.name}: {verb} answered {answer.status} {bytes(buffer[:300])!r}")
        return size

    def bulk(self, bucket, body, count):
        """CPU seconds per GiB of PUT and of GET."""
        put, get = self.path("put_object", bucket, "large"), self.path("get_object", bucket, "large")
        result = []
        self.reconnect()
        for verb, path in (("PUT", put), ("GET", get)):
            before = cpu(self.pid)
            for _ in range(count):
                size = self.exchange(verb, path, body if verb == "PUT" else None)
                if verb == "GET" and size != len(body):
                    sys.exit(f"{self.name}: GET answered {size} bytes")
            result.append((cpu(self.pid) - before) * 1024 / (count * len(body) / MIB))
        return result

    def small(self, bucket, body, count):
        """Milliseconds of every PUT and of every GET, and CPU milliseconds of one of each."""
        put, get = self.path("put_object", bucket, "small"), self.path("get_object", bucket, "small")
        result = []
        self.reconnect()
        for verb, path in (("PUT", put), ("GET", get)):
            times, before = [], cpu(self.pid)
            for _ in range(count):
                start = time.perf_counter()
                self.exchange(verb, path, body if verb == "PUT" else None)
                times.append((time.perf_counter() - start) * 1000)
            result.append((times, (cpu(self.pid) - before) * 1000 / count))
        return result


def wrk(url, script, seconds):
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s"] + (["-s", script] if script else []) + [url]
    text = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(f"requests failed: {text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))


def kms_script(directory, name, host, credentials, action, body):
    """A wrk script that sends one signed request again and again."""
    data = json.dumps(body)
    request = AWSRequest("POST", f"http://{host}/", data=data, headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{action}"})
    SigV4Auth(credentials, "kms", "us-east-1").add_auth(request)
    lines = ['wrk.method = "POST"', f"wrk.body = [[{data}]]"]
    lines += [f'wrk.headers["{key}"] = [[{value}]]' for key, value in request.headers.items()]
    path = os.path.join(directory, name + ".lua")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines))
    return path


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(len(values) * p))]


def start_gateway(start, at, store, environment):
    """Makes a key store and a principal, starts the gateway before the store and waits until it is ready.

    start(command, log, **more) starts a process, at(name) is a path in the run's directory. Returns the process, its port,
    that of its admin endpoint, and the principal's credentials.
    """
    gate, admin = free_port(), free_port()
    launchers = glob.glob(os.path.join(ROOT, "gateway/target/sallyport-*/bin/sallyport"))
    if not launchers:
        sys.exit("build first: mvn -DskipTests package")
    launcher = launchers[0]
    subprocess.run([launcher, "init", at("keystore"), "--new-key-file", at("key")], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([launcher, "principal", "add", "bench", "--admin", "--keystore", at("keystore"), "--key-file",
                    at("key"), "--credentials-file", at("user")], check=True, stdout=subprocess.DEVNULL)
    with open(at("sallyport.yaml"), "w") as file:
        file.write(f"version: v1\nlisten: 127.0.0.1:{gate}\nadmin: 127.0.0.1:{admin}\nstore:\n"
                   f"  url: http://127.0.0.1:{store}\nkeyStore:\n  directory: keystore\n  keyFile: key\n")
    gateway = start([launcher, "serve", "--config", at("sallyport.yaml")], "gateway.log",
                    env=dict(os.environ, **environment))
    wait(f"http://127.0.0.1:{admin}/readyz", gateway)
    parser = configparser.ConfigParser()
    parser.read(at("user"))
    section = parser[parser.sections()[0] if parser.sections() else "DEFAULT"]
    return gateway, gate, admin, Credentials(section["aws_access_key_id"], section["aws_secret_access_key"])


def run(options, directory, processes):
    def start(command, log, **more):
        process = subprocess.Popen(command, stdout=open(os.path.join(directory, log), "wb"),
                                   stderr=subprocess.STDOUT, **more)
        processes.append(process)
        return process

    def at(name):
        return os.path.join(directory, name)

    access, secret = secrets.token_hex(8), secrets.token_hex(20)
    store, proxy = free_port(), free_port()
    environment = dict(os.environ, MINIO_ROOT_USER=access, MINIO_ROOT_PASSWORD=secret)
    minio = start([os.environ.get("SALLYPORT_MINIO", "minio"), "server", "--quiet", "--address", f"127.0.0.1:{store}",
                   "--console-address", f"127.0.0.1:{free_port()}", at("data")], "minio.log", env=environment)
    wait(f"http://127.0.0.1:{store}/minio/health/ready", minio)

    with open(at("nginx.conf"), "w") as file:
        file.write(f"""daemon off; master_process off; pid {at('nginx.pid')}; error_log {at('nginx-error.log')};
events {{ worker_connections 256; }}
http {{
  access_log off; client_max_body_size 0; client_body_buffer_size 256k; keepalive_requests 1000000; keepalive_timeout 600s;
  client_body_temp_path {at('t1')}; proxy_temp_path {at('t2')}; fastcgi_temp_path {at('t3')};
  uwsgi_temp_path {at('t4')}; scgi_temp_path {at('t5')};
  upstream store {{ server 127.0.0.1:{store}; keepalive 16; }}
  server {{ listen 127.0.0.1:{proxy}; location / {{
    proxy_pass http://store; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header Host 127.0.0.1:{store}; proxy_request_buffering off; proxy_max_temp_file_size 0;
    proxy_buffering on; proxy_buffer_size 256k; proxy_buffers 8 256k; proxy_busy_buffers_size 512k; }} }}
}}
""")
    nginx_program = shutil.which("nginx") or "/usr/sbin/nginx"
    nginx = start([nginx_program, "-p", directory, "-e", at("nginx-error.log"), "-c", at("nginx.conf")], "nginx.log")

    gateway, gate, admin, user = start_gateway(start, at, store, {
        "SALLYPORT_STORE_ACCESS_KEY": access, "SALLYPORT_STORE_SECRET_KEY": secret})

    direct_host, gate_host = f"127.0.0.1:{store}", f"127.0.0.1:{gate}"
    targets = [Target("direct (MinIO's own CPU)", minio.pid, store, direct_host, access, secret),
               Target("nginx, streaming", nginx.pid, proxy, direct_host, access, secret),
               Target("gateway", gateway.pid, gate, gate_host, user.access_key, user.secret_key)]
    targets[0].s3.create_bucket(Bucket="plain")
    targets[2].s3.create_bucket(Bucket="sealed")
    large, little = os.urandom(OBJECT), os.urandom(4096)
    buckets = ["plain", "plain", "sealed"]
    for target, bucket in zip(targets, buckets):
        target.bulk(bucket, large, options.warm)
        target.small(bucket, little, options.warm_small if target.name == "gateway" else 100)
    bulk, small = [[] for _ in targets], [(([], []), ([], [])) for _ in targets]
    for _ in range(options.rounds):
        for i, target in enumerate(targets):
            bulk[i].append(target.bulk(buckets[i], large, options.objects))
    for _ in range(6):
        for i, target in enumerate(targets):
            for (kept, costs), (times, cost) in zip(small[i], target.small(buckets[i], little, options.small // 6)):
                kept.extend(times)
                costs.append(cost)
    rows = []
    for i, target in enumerate(targets):
        put, get = (statistics.median(r[j] for r in bulk[i]) for j in (0, 1))
        rows.append([put, get] + [figure for times, costs in small[i] for figure in
                                  (percentile(times, 0.5), percentile(times, 0.99), statistics.median(costs))])
    print(f"Load average {os.getloadavg()[0]:.1f}.\n")
    print("| | PUT s/GiB | GET s/GiB | 4K PUT p50 ms | p99 | CPU ms | 4K GET p50 ms | p99 | CPU ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for target, row in zip(targets, rows):
        print(f"| {target.name} | " + " | ".join(f"{v:.2f}" for v in row) + " |")
    print("| gateway / nginx | " + " | ".join(f"{a / b:.2f}" if b else "-" for a, b in zip(rows[2], rows[1])) + " |")
    print("| gateway − direct, ms | | | " + " | ".join(f"{a - b:+.2f}" for a, b in zip(rows[2][2:], rows[0][2:])) + " |")
    sys.stdout.flush()

    kms = boto3.client("kms", endpoint_url=f"http://{gate_host}", region_name="us-east-1",
                       aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.generate_data_key(KeyId=key, KeySpec="AES_256")["CiphertextBlob"]
    url = f"http://{gate_host}/"
    loads = [("no-op: admin /livez", f"http://127.0.0.1:{admin}/livez", None),
             ("GenerateDataKey", url, kms_script(directory, "generate", gate_host, user, "GenerateDataKey",
                                                 {"KeyId": key, "KeySpec": "AES_256"})),
             ("Decrypt", url, kms_script(directory, "decrypt", gate_host, user, "Decrypt",
                                         {"CiphertextBlob": base64.b64encode(blob).decode()}))]
    rates = [[] for _ in loads]
    for turn in range(options.rounds + 1):
        for i, (_, address, script) in enumerate(loads):
            rate = wrk(address, script, options.seconds)
            if turn:  # the first turn warms up
                rates[i].append(rate)
    medians = [statistics.median(r) for r in rates]
    print("\n| KMS, 16 connections | requests/s | of the no-op |\n|---|---|---|")
    for (name, _, _), rate in zip(loads, medians):
        print(f"| {name} | {rate:.0f} | {rate / medians[0]:.2f} |")


def in_directory(work):
    """Runs work(directory, processes), then ends the processes and removes the directory."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    processes = []
    directory = tempfile.mkdtemp(prefix="sallyport-bench-")
    try:
        work(directory, processes)
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--objects", type=int, default=16, help="64 MiB objects a round")
    parser.add_argument("--warm", type=int, default=8, help="64 MiB objects before measuring")
    parser.add_argument("--warm-small", type=int, default=3000, help="4 KiB requests of each kind before measuring")
    parser.add_argument("--small", type=int, default=300, help="4 KiB requests of each kind")
    parser.add_argument("--seconds", type=int, default=4, help="of each KMS load")
    options = parser.parse_args()
    in_directory(lambda directory, processes: run(options, directory, processes))


if __name__ == "__main__":
    main()
