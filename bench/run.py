#!/usr/bin/env python3
"""Measures Prongsai beside bench/minimal on this machine and prints tables for bench/README.md.

    cargo build --release
    cargo build --release --manifest-path bench/minimal/Cargo.toml
    bench/run.py

Needs Linux, two cores, Python 3.11, wrk, and for PostgreSQL what tests/postgres.sh needs. What is measured and how stands
in bench/README.md. Everything is on 127.0.0.1 and in a folder for temporary files; what this starts, it ends.
"""

import argparse
import http.client
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
SERVER_CORE, CLIENT_CORE = "0", "1"
CONNECTIONS = 32
YEARS, PER_YEAR = range(2500, 2550), 200
YEAR = 2540
LIST = f"/v1/measures?fiscal_year={YEAR}"
REPORT = f"/v1/reports/integrity-measures-report?fiscal_year={YEAR}"
STATISTICS = f"/v1/statistics/measures?fiscal_year={YEAR}"
CURSOR = re.compile(rb"(?<=cursor=)[A-Za-z0-9_-]+|(?<=cursor\":\")[A-Za-z0-9_-]+")
JSON = {"Content-Type": "application/json"}


def tell(text):
    print(text, file=sys.stderr, flush=True)


class Server:
    """A program on a core of its own, for as long as the `with` lasts."""

    def __init__(self, command, log, stdout=subprocess.DEVNULL):
        self.log = log
        with open(log, "wb") as stderr:
            command = ["taskset", "-c", SERVER_CORE, *map(str, command)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def wait(self, port, path, seconds=30):
        """Until `path` is answered with 200, asked every millisecond."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                sys.exit(f"{self.process.args} ended: {Path(self.log).read_text()[-2000:]}")
            try:
                if Client(port, timeout=2).ask("GET", path)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.001)
        sys.exit(f"{self.process.args} was not ready within {seconds} s")

    def resident(self):
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


class Client:
    """A connection that is kept."""

    def __init__(self, port, token=None, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method, path, value=None):
        headers, body = self.headers, None
        if value is not None:
            headers, body = headers | JSON, json.dumps(value, ensure_ascii=False).encode()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def need(self, status, method, path, value=None):
        """The body of an answer that must have this status."""
        got, body = self.ask(method, path, value)
        if got != status:
            sys.exit(f"{method} {path} was answered with {got}: {body.decode(errors='replace')[:1000]}")
        return body


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# The data.


def templates():
    """The municipality's own measures as the API takes them."""
    units = json.loads((ROOT / "data/reference.json").read_text())["units"]
    codes = {name: unit["code"] for unit in units for name in (unit["name"]["th"], unit.get("short_name")) if name}
    for row in json.loads((ROOT / "data/measures-2567.json").read_text()):
        everybody = row["responsible"] == ["ทุกส่วนราชการ"]
        names = [] if everybody else row["responsible"]
        texts = {name: row[name] for name in ("title", "methods", "results", "outcomes")}
        responsible = {"all_units": everybody, "units": [codes[name] for name in names]}
        yield texts | {"responsible": responsible, "period_text": row["period"]}


def measures():
    """10,000 of them, in batches of 100."""
    known = list(templates())
    statuses = ["completed", "completed", "in_progress", "planned"]
    items = []
    for year in YEARS:
        for no in range(1, PER_YEAR + 1):
            item = known[no % len(known)] | {"fiscal_year": year, "number": no, "status": statuses[no % 4]}
            item["topic"] = no % 7 + 1
            if no % 3 == 0:
                url = f"https://www.example.go.th/{year}/{no}.pdf"
                item["evidence"] = [{"title": item["results"][0][:300], "kind": "announcement", "url": url}]
            if no % 20 == 0:
                item["results"] = []
            items.append(item)
    return [items[start : start + 100] for start in range(0, len(items), 100)]


def fill(prongsai, url, key, token, folder):
    """Makes the database and publishes 10,000 measures in it, all through Prongsai."""
    for command in ["migrate"], ["import", "units", ROOT / "data/reference.json"]:
        command = [prongsai, *command, "--database-url", url]
        subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)
    port = free_port()
    with Server(serve(prongsai, url, key, port, "warn"), folder / "fill.log") as server:
        server.wait(port, "/health/ready")
        client, ids = Client(port, token), []
        for batch in measures():
            created = client.need(201, "POST", "/v1/measures/batch", {"items": batch})
            ids.extend(measure["id"] for measure in json.loads(created)["items"])
        tell(f"created {len(ids)} measures")

        def publish(ids):
            client = Client(port, token)
            for id in ids:
                client.need(200, "POST", f"/v1/measures/{id}/transitions", {"action": "publish"})

        threads = 16
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(publish, [ids[start::threads] for start in range(threads)]))
        tell("published them")
        return ids[len(ids) // 2]


# The measurement.


@dataclass
class Case:
    """Something that is asked of both; a side is a path, whether a token is sent, and what wrk.lua does."""

    name: str
    prongsai: tuple
    minimal: tuple
    results: dict = field(default_factory=lambda: {"prongsai": [], "minimal": []})


def cases(id):
    def same(name, path):
        return Case(name, (path, True, "same"), (path, False, "same"))

    def create(name, keys):
        return Case(name, ("/v1/measures", True, f"create {keys}"), ("/v1/measures", False, "create none"))

    record = f"/v1/measures/{id}"
    return [
        same("list of 20", LIST),
        Case("list of 20, no token, not in the cache", (LIST, False, "unlike"), (LIST, False, "same")),
        same("one record", record),
        Case("one record, no token, not in the cache", (record, False, "unlike"), (record, False, "same")),
        same(f"report of {PER_YEAR} rows, JSON", REPORT),
        same("statistics", STATISTICS),
        create("create", "none"),
        create("create, with an Idempotency-Key", "keys"),
        Case("list of 20, cached; minimal: fixed bytes", (LIST, False, "same"), ("/bare", False, "same")),
    ]


class Load:
    """Runs wrk, and knows which measures were created already."""

    def __init__(self, token, body):
        self.token, self.body, self.created = token, body, 0

    def run(self, port, side, seconds):
        path, token, kind = side
        kind, _, keys = kind.partition(" ")
        arguments = ["create", self.created, self.body, keys] if kind == "create" else [kind]
        command = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        command += ["-H", f"Authorization: Bearer {self.token}"] if token else []
        command += ["-s", BENCH / "wrk.lua", f"http://127.0.0.1:{port}{path}", "--", *arguments]
        output = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, check=True, timeout=seconds + 30
        ).stdout
        result = json.loads(output.splitlines()[-1])
        if result["failed"] or not result["requests"]:
            sys.exit(f"wrk on {path}: {output}")
        if kind == "create":
            self.created = result["next"]
        time.sleep(0.2)
        return result["requests"] / result["microseconds"] * 1e6, result["p99"] / 1000


def compare(prongsai, minimal, token, id, template):
    """Stops everything where the two do not answer the same."""
    for path, exact in [(LIST, True), (f"/v1/measures/{id}", True), (REPORT, False), (STATISTICS, False)]:
        private, public = (Client(prongsai, token).need(200, "GET", path) for token in (token, None))
        other = Client(minimal).need(200, "GET", path)
        bodies = [private, public, other]
        if exact:
            bodies = [(len(body), CURSOR.sub(b"", body)) for body in bodies]
        else:
            bodies = [json.loads(body) for body in bodies]
        if not bodies[0] == bodies[1] == bodies[2]:
            sys.exit(f"the answers to {path} differ:\n" + "\n".join(body.decode() for body in (private, public, other)))
    created = []
    for no, client in [(1, Client(prongsai, token)), (2, Client(minimal))]:
        body = json.loads(template.replace("@YEAR@", "2650").replace("@NO@", str(no)))
        record = json.loads(client.need(201, "POST", "/v1/measures", body))
        if record != json.loads(client.need(200, "GET", f"/v1/measures/{record['id']}")):
            sys.exit(f"measure {no} was not kept as it was answered")
        own = {"id", "number", "created_at", "updated_at"}
        created.append([(name, value) for name, value in record.items() if name not in own])
    if created[0] != created[1]:
        sys.exit(f"the created measures differ:\n{created[0]}\n{created[1]}")
    tell("both answer the same")


def startup(prongsai, key, folder):
    """Median milliseconds from starting the program to its first answer that it is ready."""
    url = f"sqlite:{folder}/startup.db"
    subprocess.run([prongsai, "migrate", "--database-url", url], check=True, timeout=60)
    times = []
    for _ in range(10):
        port = free_port()
        started = time.monotonic()
        with Server(serve(prongsai, url, key, port, "warn"), folder / "startup.log") as server:
            server.wait(port, "/health/ready")
            times.append((time.monotonic() - started) * 1000)
    return statistics.median(times)


def serve(prongsai, url, key, port, log):
    return [
        *(prongsai, "serve", "--database-url", url, "--listen", f"127.0.0.1:{port}"),
        *("--signing-key", key, "--audit-key", key.with_suffix(".audit")),
        *("--content-keys", key.with_suffix(".content")),
        *("--limit-reads", "off", "--limit-writes", "off", "--limit-complaints", "off", "--workers", "1", "--log", log),
    ]


def measure(options, database, url, folder):
    """Everything for one database, printed."""
    prongsai = options.prongsai
    key = folder / "key.pem"
    for file in key, key.with_suffix(".audit"):
        subprocess.run([prongsai, "keygen", "signing", file], check=True, timeout=10, stdout=subprocess.DEVNULL)
    content = [prongsai, "keygen", "content", key.with_suffix(".content")]
    subprocess.run(content, check=True, timeout=10, stdout=subprocess.DEVNULL)
    issue = [prongsai, "token", "issue", "--signing-key", key, "--role", "editor", "--ttl", "1d"]
    token = subprocess.run(issue, check=True, timeout=10, capture_output=True, text=True).stdout.strip()
    id = fill(prongsai, url, key, token, folder)
    started_in = startup(prongsai, key, folder) if database == "SQLite" else None

    template = next(item for item in templates() if item["responsible"]["units"])
    # The year goes first, as wrk.lua expects it, and both are numbers.
    start = {"fiscal_year": "@YEAR@", "number": "@NO@"}
    template = json.dumps(start | template | {"number": "@NO@", "status": "planned"}, ensure_ascii=False)
    template = template.replace('"@YEAR@"', "@YEAR@").replace('"@NO@"', "@NO@")
    body = folder / "body.json"
    body.write_text(template)

    ports = {"prongsai": free_port(), "minimal": free_port()}
    with Server(serve(prongsai, url, key, ports["prongsai"], options.log), folder / "prongsai.log") as first:
        first.wait(ports["prongsai"], "/health/ready")
        time.sleep(1)
        idle = first.resident()
        answer = Client(ports["prongsai"]).need(200, "GET", LIST)
        bare = folder / "list.json"
        bare.write_bytes(answer)
        flags = {
            "--database-url": url,
            "--port": ports["minimal"],
            "--workers": 1,
            "--public-url": f"http://127.0.0.1:{ports['prongsai']}",
            "--cursor-length": len(CURSOR.search(answer)[0]),
            "--bare-file": bare,
        }
        command = [options.minimal, *(part for flag in flags.items() for part in flag)]
        with Server(command, folder / "minimal.log") as second:
            second.wait(ports["minimal"], "/bare")
            compare(ports["prongsai"], ports["minimal"], token, id, template)
            load = Load(token, body)
            asked = [case for case in cases(id) if options.only in case.name]
            for case in asked:
                for name, port in ports.items():
                    load.run(port, getattr(case, name), 1)
            for round in range(1, options.rounds + 1):
                for case in asked:
                    for name, port in ports.items():
                        result = load.run(port, getattr(case, name), options.seconds)
                        case.results[name].append(result)
                        tell(f"round {round}, {case.name}, {name}: {result[0]:,.0f}/s, p99 {result[1]:.1f} ms")
            loaded, floor = first.resident(), second.resident()

    print(f"\n### {database}\n")
    print("| | Prongsai, requests/s | minimal, requests/s | ratio | Prongsai, p99 ms | minimal, p99 ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for case in asked:
        (ours, our_p99), (its, its_p99) = (
            [statistics.median(values) for values in zip(*case.results[name])] for name in ports
        )
        print(f"| {case.name} | {ours:,.0f} | {its:,.0f} | {ours / its:.2f} | {our_p99:.1f} | {its_p99:.1f} |")
    print(f"\n- Resident memory of Prongsai: {idle:.1f} MiB idle, {loaded:.1f} MiB after the load")
    print(f"- Resident memory of minimal after the load: {floor:.1f} MiB")
    if started_in:
        print(f"- From start to ready: {started_in:.0f} ms (median of 10)")
    sys.stdout.flush()


# The machine.


def file_system(folder):
    """The type of the file system that a folder is on."""
    mounts = (line.split()[1:3] for line in Path("/proc/self/mounts").read_text().splitlines())
    holding = [(len(point), kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(holding)[1]


def machine(folder):
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    print(f"- Machine: {os.cpu_count()} cores, {model[1] if model else platform.machine()}, Linux {platform.release()}")
    print(f"- Databases on {file_system(folder)}", flush=True)


def facts(options, folder):
    machine(folder)
    print(f"- {options.rounds} rounds of {options.seconds} s, {CONNECTIONS} connections, Prongsai with `--log {options.log}`")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    program = BENCH / "minimal/target/release/minimal"
    parser.add_argument("--prongsai", type=Path, default=ROOT / "target/release/prongsai", help="the program")
    parser.add_argument("--minimal", type=Path, default=program, help="the program that it is compared with")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5, help="of which the medians are shown")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--only", default="", help="only the rows with this in their name")
    parser.add_argument("--log", default="warn", help="Prongsai's log level; with info it writes a line per request")
    parser.add_argument("--in-cluster", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if (os.cpu_count() or 1) < 2:
        sys.exit("needs two cores: one for the server, one for the client")
    for program in [options.prongsai, options.minimal, "wrk", "taskset"]:
        if not shutil.which(program):
            sys.exit(f"{program} is missing; see bench/README.md")
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    folder = Path(tempfile.mkdtemp(prefix="prongsai-bench-"))
    try:
        if options.in_cluster:
            measure(options, "PostgreSQL", os.environ["DATABASE_URL"], folder)
            return
        facts(options, folder)
        if options.database != "postgres":
            measure(options, "SQLite", f"sqlite:{folder}/prongsai.db", folder)
        if options.database != "sqlite":
            # The cluster is on the servers' core and keeps what it is told; the script ends it.
            again = ["taskset", "-c", SERVER_CORE, ROOT / "tests/postgres.sh", sys.executable, __file__, "--in-cluster"]
            for name in ["prongsai", "minimal", "seconds", "rounds", "only", "log"]:
                again += [f"--{name}", getattr(options, name)]
            environment = os.environ | {"PRONGSAI_TEST_FSYNC": "on"}
            subprocess.run(list(map(str, again)), check=True, env=environment)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
