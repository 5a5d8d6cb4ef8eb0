#!/usr/bin/env python3
"""Measures the statistics of a year of complaints, and of service requests, at three sizes, beside a scan of the same rows, and what
it costs to take a complaint in, beside a bare insert. Prints tables for bench/README.md.

    cargo build --release
    bench/cases.py

Needs what bench/run.py needs. The rows are written straight into the database, with the counts that Prongsai would have
kept; that its statistics are those that a recount of the rows gives is checked before anything is measured.
"""

import argparse
import collections
import contextlib
import csv
import datetime
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from run import CLIENT_CORE, CONNECTIONS, ROOT, SERVER_CORE, Client, Server, facts, free_port, serve, tell

# Not so long ago that any of it would be destroyed.
YEAR, FIRST = 2569, datetime.date(2025, 10, 1)
SIZES = [10_000, 100_000, 1_000_000]
BODY = {
    "kind": "corruption",
    "category": "bribery",
    "subject": "เรียกรับเงินค่าอนุญาต",
    "description": "เจ้าหน้าที่เรียกรับเงินสองพันบาทเพื่อให้คำขออนุญาตผ่านเร็วขึ้น " * 5,
}
COLUMNS = {
    "complaint": (
        "id reference kind category_id channel status outcome fiscal_year received_on received_at unit_id recused"
        " first_answer_days first_answer_due_on first_answer_holidays first_answered_on first_answer_took conclusion_days"
        " clock_from waited_days conclusion_due_on conclusion_holidays closed_on conclusion_took reopen_count on_hold anonymous subject report version updated_at"
    ).split(),
    "service_request": (
        "id reference e_service_id form_version channel status fiscal_year received_on received_at unit_id working_days"
        " clock_from due_on holidays closed_on took reopen_count rating content version updated_at"
    ).split(),
    "case_state": "id case_id subject fiscal_year month counted from_at".split(),
    "case_tally": "subject fiscal_year month tally day before".split(),
}


class Tally:
    """What Prongsai keeps of a month; src/domain/tally.rs says what is in it."""

    def __init__(self):
        self.total = self.finished = 0
        self.facets, self.days, self.in_time, self.marks, self.due_on = ({} for _ in range(5))

    def add(self, case):
        def more(counts, name, by=1):
            counts[name] = counts.get(name, 0) + by

        self.total += 1
        self.finished += case["finished"]
        for dimension, value in case["facets"].items():
            more(self.facets.setdefault(dimension, {}), value)
        for figure, days in case["days"].items():
            more(self.days.setdefault(figure, {}), days)
        for figure, in_time in case["in_time"].items():
            more(self.in_time.setdefault(figure, {"yes": 0, "no": 0}), "yes" if in_time else "no")
        for mark in case["marks"]:
            more(self.marks, mark)
        if "due_on" in case:
            more(self.due_on, case["due_on"])

    def text(self):
        return json.dumps(vars(self))


def cases(count, categories, units):
    """Rows of complaints and of what is counted of them, and in the end the tallies. Nine of ten are closed."""
    rng, tallies = random.Random(YEAR), collections.defaultdict(Tally)
    day = datetime.timedelta(days=1)
    for number in range(count):
        received = FIRST + rng.randrange(365) * day
        code, (category, kind) = rng.choice(categories)
        unit_code, unit = rng.choice(units)
        closed, answered, took = rng.random() < 0.9, rng.random() < 0.97, rng.randrange(120)
        answered = answered or closed
        outcome = rng.choice(["substantiated", "unsubstantiated", "referred"]) if closed else None
        first = min(took, rng.randrange(25))
        channel, reopened = rng.choice(["web", "web", "web", "phone", "letter"]), rng.random() < 0.02
        facets = {"category": code, "channel": channel, "kind": kind, "outcome": outcome, "unit": unit_code}
        counted = {
            "finished": closed,
            "facets": {name: value for name, value in facets.items() if value},
            "days": ({"conclusion": took} if closed else {}) | ({"first_answer": first} if answered else {}),
            "in_time": ({"conclusion": took <= 84} if closed else {})
            | ({"first_answer": first <= 21} if answered else {}),
            "marks": ["reopen_count"] if reopened else [],
        }
        if not closed:
            counted["due_on"] = str(received + (84 if answered else 21) * day)
        subject = "complaints-integrity" if kind in ("corruption", "misconduct") else "complaints-general"
        month = (received.month + 2) % 12 + 1
        tallies[subject, month].add(counted)
        id, at = uuid.UUID(int=(number << 80) | 7 << 76 | 1 << 63), f"{received}T05:00:00+00:00"
        yield "complaint", [
            *(id, f"B{number}", kind, category, channel),
            *("concluded" if closed else "investigating" if answered else "received", outcome, YEAR, received, at, unit),
            *("[]", 15, received + 21 * day, "[]", received + first * day if answered else None, first if answered else None),
            *(60, received, 0, received + 84 * day, "[]", received + took * day if closed else None),
            *(took if closed else None, int(reopened), False, True, b"", b"", 1, at),
        ]
        yield "case_state", [uuid.UUID(int=id.int + 1), id, subject, YEAR, month, json.dumps(counted), at]
    for (subject, month), tally in tallies.items():
        yield "case_tally", [subject, YEAR, month, tally.text(), FIRST, "{}"]


def requests(count, services, unit):
    """The same of service requests: of nine of ten that are closed, most are completed, and two of three of these rated."""
    rng, tallies = random.Random(YEAR), collections.defaultdict(Tally)
    day = datetime.timedelta(days=1)
    for number in range(count):
        received = FIRST + rng.randrange(365) * day
        code, service = rng.choice(services)
        status = rng.choice(["completed"] * 7 + ["rejected", "cancelled", "in_progress"])
        closed, done, took = status != "in_progress", status == "completed", rng.randrange(20)
        rating = rng.randrange(1, 6) if done and rng.random() < 0.67 else None
        channel, reopened = rng.choice(["web", "web", "web", "phone", "walk_in"]), rng.random() < 0.02
        facets = {"channel": channel, "outcome": status if closed else None, "rating": rating and str(rating)}
        counted = {
            "finished": closed,
            "facets": {name: value for name, value in facets.items() if value},
            "days": {"completion": took} if done else {},
            "in_time": {"completion": took <= 10} if done else {},
            "marks": ["reopen_count"] if reopened else [],
        }
        if not closed:
            counted["due_on"] = str(received + 10 * day)
        subject, month = f"service-requests/{code}", (received.month + 2) % 12 + 1
        tallies[subject, month].add(counted)
        # No complaint has this id, so that both may be in one database.
        id, at = uuid.UUID(int=(number << 80) | 7 << 76 | 1 << 63 | 2), f"{received}T05:00:00+00:00"
        yield "service_request", [
            *(id, f"B{number}", service, 1, channel, status, YEAR, received, at, unit, 5),
            *(received, received + 10 * day, "[]", received + took * day if closed else None, took if closed else None),
            *(int(reopened), rating, b"", 1, at),
        ]
        yield "case_state", [uuid.UUID(int=id.int + 1), id, subject, YEAR, month, json.dumps(counted), at]
    for (subject, month), tally in tallies.items():
        yield "case_tally", [subject, YEAR, month, tally.text(), FIRST, "{}"]


# What is counted: its table, its address, and by what a scan counts it.
KINDS = {"complaints": ("complaint", "complaints", "kind"), "service requests": ("service_request", "e-services", "e_service_id")}


class Sqlite:
    name = "SQLite"

    def __init__(self, url):
        # Nobody else has the file open.
        self.file = url.removeprefix("sqlite:")

    def rows(self, sql):
        with sqlite3.connect(self.file) as db:
            return db.execute(sql).fetchall()

    def fill(self, rows):
        db = sqlite3.connect(self.file)
        db.execute("PRAGMA synchronous = OFF")
        batch = collections.defaultdict(list)

        def flush():
            for table, some in batch.items():
                columns = COLUMNS[table]
                marks = ", ".join("?" * len(columns))
                db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", some)
            batch.clear()

        def plain(value):
            if isinstance(value, uuid.UUID):
                return value.bytes
            return str(value) if isinstance(value, datetime.date) else value

        for number, (table, row) in enumerate(rows):
            batch[table].append([plain(value) for value in row])
            if number % 50_000 == 0:
                flush()
        flush()
        db.commit()
        db.execute("ANALYZE")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        os.sync()

    def scan(self, table, by):
        """Seconds of counting the rows of a year by month and something else."""
        db = sqlite3.connect(self.file)
        begun = time.monotonic()
        db.execute(
            f"SELECT substr(received_on, 1, 7), {by}, count(*), sum(closed_on IS NOT NULL) FROM {table}"
            f" WHERE fiscal_year = {YEAR} GROUP BY 1, 2"
        ).fetchall()
        seconds = time.monotonic() - begun
        db.close()
        return seconds

    def bare_inserts(self, folder, seconds):
        """Inserts of a row of like size in a second, each a commit of its own that waits for the disk."""
        db = sqlite3.connect(folder / "bare.db", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, text BLOB)")
        text, times, end = os.urandom(1500), [], time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            db.execute("INSERT INTO bare (text) VALUES (?)", (text,))
            times.append(time.monotonic() - begun)
        db.close()
        return len(times) / sum(times), statistics.quantiles(times, n=100)[98] * 1000


class Postgres:
    name = "PostgreSQL"

    def __init__(self, url):
        self.url = url

    def psql(self, sql, **options):
        command = ["psql", self.url, "--quiet", "--no-align", "--tuples-only", "--field-separator", "\t", "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout

    def rows(self, sql):
        return [line.split("\t") for line in self.psql(sql).splitlines()]

    def fill(self, rows):
        with tempfile.TemporaryDirectory() as folder:
            files = {table: open(f"{folder}/{table}", "w", newline="") for table in COLUMNS}
            writers = {table: csv.writer(file) for table, file in files.items()}
            for table, row in rows:
                writers[table].writerow(["\\x" if value == b"" else value for value in row])
            for table, file in files.items():
                file.close()
                self.psql(f"\\copy {table} ({', '.join(COLUMNS[table])}) FROM '{file.name}' CSV")
        # What the server would do by and by, and measurements would wait for.
        self.psql("VACUUM ANALYZE")
        self.psql("CHECKPOINT")

    def scan(self, table, by):
        begun = time.monotonic()
        self.psql(
            f"SELECT date_trunc('month', received_on), {by}, count(*), count(closed_on) FROM {table}"
            f" WHERE fiscal_year = {YEAR} GROUP BY 1, 2"
        )
        return time.monotonic() - begun

    def bare_inserts(self, folder, seconds):
        self.psql("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, text bytea)")
        script = folder / "bare.sql"
        script.write_text("INSERT INTO bare (text) VALUES (decode(repeat('ab', 1500), 'hex'));\n")
        pgbench = next(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
        command = [pgbench, "-n", "-f", script, "-c", "8", "-T", str(seconds), "--log", f"--log-prefix={folder}/bare"]
        subprocess.run([*command, self.url], check=True, capture_output=True)
        logs = [file for file in folder.glob("bare.*") if file != script]
        times = [int(line.split()[2]) for file in logs for line in file.open()]
        for file in logs:
            file.unlink()
        return len(times) / seconds, statistics.quantiles(times, n=100)[98] / 1000


def prepare(prongsai, url, key, database, size, kind="complaints"):
    files = {"units": "reference", "complaint-categories": "reference", "e-services": "e-services"}
    for command in ["migrate"], *(["import", what, ROOT / f"data/{file}.json"] for what, file in files.items()):
        subprocess.run([prongsai, *command, "--database-url", url], check=True, stdout=subprocess.DEVNULL)

    def known(id):
        return uuid.UUID(bytes=id) if isinstance(id, bytes) else uuid.UUID(id)

    categories = [
        (code, (known(id), kind)) for code, id, kind in database.rows("SELECT code, id, kind FROM complaint_category")
    ]
    units = [(code, known(id)) for code, id in database.rows("SELECT code, id FROM unit")]
    services = [(code, known(id)) for code, id in database.rows("SELECT code, id FROM e_service")]
    if size:
        rows = requests(size, sorted(services), units[0][1])
        database.fill(cases(size, sorted(categories), sorted(units)) if kind == "complaints" else rows)
        tell(f"{database.name}: {size:,} {kind}")


def timed(client, path, times):
    """Milliseconds of each of so many requests, one after the other."""
    taken = []
    for _ in range(times):
        begun = time.monotonic()
        client.need(200, "GET", path)
        taken.append((time.monotonic() - begun) * 1000)
    return taken


def start(stack, program, url, key, folder, *more):
    """The port of a service that runs until the stack is left."""
    port = free_port()
    server = Server([*serve(program, url, key, port, "warn"), *more], folder / f"{port}.log")
    stack.enter_context(server).wait(port, "/health/ready")
    return port


def undated(figures):
    """Figures without the instants that they are of."""
    if isinstance(figures, dict):
        return {name: undated(value) for name, value in figures.items() if name != "as_of"}
    return [undated(value) for value in figures] if isinstance(figures, list) else figures


def measure_statistics(options, databases, key, folder, kind):
    issue = [options.prongsai, "token", "issue", "--signing-key", key, "--role", "auditor", "--ttl", "1d"]
    token = subprocess.run(issue, check=True, capture_output=True, text=True).stdout.strip()
    table, address, by = KINDS[kind]
    path = f"/v1/statistics/{address}?fiscal_year={YEAR}"
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = [(path, 100), (f"{path}&period=month", 100), (f"{path}&as_of={now}", 1)]
    with contextlib.ExitStack() as stack:
        sizes = []
        for size in options.sizes:
            database, url = databases(f"{table}{size}")
            prepare(options.prongsai, url, key, database, size, kind)
            port = start(stack, options.prongsai, url, key, folder)
            client = Client(port, token)
            kept, recounted = (
                json.loads(client.need(200, "GET", f"{path}&period=month{at}")) for at in ("", f"&as_of={now}")
            )
            if undated(kept) != undated(recounted):
                sys.exit("the statistics are not what a recount gives")
            sizes.append((size, database, port, [[], [], []], []))
        # In turns, so that all are measured on the same machine, whatever it does meanwhile.
        for _ in range(options.rounds):
            for _, database, port, taken, scanned in sizes:
                client = Client(port, token)
                scanned.append(database.scan(table, by) * 1000)
                for (path, times), some in zip(asked, taken):
                    some += timed(client, path, times)
    print(f"| {kind} | a year, median ms | p99 | by month, median ms | p99 | as of an instant, ms | scan by SQL, ms |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size, _, _, (year, months, as_of), scanned in sizes:
        cells = [f"{value:.1f}" for some in (year, months) for value in (statistics.median(some), p99(some))]
        cells += [f"{statistics.median(some):,.0f}" for some in (as_of, scanned)]
        print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


def p99(times):
    return statistics.quantiles(times, n=100)[98]


def measure_intake(options, databases, key, folder):
    """Complaints taken in, each with its receipt, timeline, counts, audit event and kept answer, in one durable commit."""
    body, script = folder / "complaint.json", folder / "complaint.lua"
    body.write_text(json.dumps(BODY, ensure_ascii=False))
    done = (ROOT / "bench/wrk.lua").read_text().partition("function done")
    script.write_text(
        'sequence = 0\nlocal threads = {}\nfunction setup(thread) table.insert(threads, thread) end\n'
        f'wrk.method = "POST"\nwrk.body = io.open("{body}"):read("*a")\nwrk.headers["Content-Type"] = "application/json"\n'
        'local start = os.time()\nfunction request()\n  sequence = sequence + 1\n'
        '  wrk.headers["Idempotency-Key"] = "bench-of-complaints-" .. start .. "-" .. sequence\n'
        f"  return wrk.format()\nend\n{done[1]}{done[2]}"
    )

    def load(port):
        wrk = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{options.seconds}s", "-s", script]
        told = subprocess.run([*map(str, wrk), f"http://127.0.0.1:{port}/v1/complaints"], check=True, capture_output=True, text=True)
        result = json.loads(told.stdout.splitlines()[-1])
        if result["failed"]:
            sys.exit(told.stdout)
        return result["requests"] / result["microseconds"] * 1e6, result["p99"] / 1000

    programs = {"Prongsai": options.prongsai} | ({"the other": options.beside} if options.beside else {})
    with contextlib.ExitStack() as stack:
        ports, results = {}, collections.defaultdict(list)
        for number, (name, program) in enumerate(programs.items()):
            database, url = databases(f"intake{number}")
            prepare(program, url, key, database, 0)
            ports[name] = start(stack, program, url, key, folder, "--challenge-bits", "0")
        for _ in range(options.rounds):
            for name, port in ports.items():
                results[name].append(load(port))
            results["bare inserts"].append(database.bare_inserts(folder, options.seconds))
    print("| intake | a second | p99 ms |\n| --- | ---: | ---: |")
    for name, some in results.items():
        rate, p99 = (statistics.median(values) for values in zip(*some))
        print(f"| {name} | {rate:,.0f} | {p99:.1f} |", flush=True)


def measure(options, databases, folder):
    key = folder / "key.pem"
    for kind, file in ("signing", key), ("signing", key.with_suffix(".audit")), ("content", key.with_suffix(".content")):
        subprocess.run([options.prongsai, "keygen", kind, file], check=True, stdout=subprocess.DEVNULL)
    if options.seconds:
        measure_intake(options, databases, key, folder)
    for kind in options.kinds.split(",") if options.sizes else ():
        print()
        measure_statistics(options, databases, key, folder, kind)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prongsai", type=Path, default=ROOT / "target/release/prongsai", help="the program")
    parser.add_argument("--beside", type=Path, help="another program to take complaints in beside it")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",") if size], default=SIZES)
    parser.add_argument("--kinds", default=",".join(KINDS), help="what statistics are measured of")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement of the intake; 0 for none")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement, of which the median is shown")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--log", default="warn", help=argparse.SUPPRESS)
    parser.add_argument("--in-cluster", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    folder = Path(tempfile.mkdtemp(prefix="prongsai-bench-"))
    try:
        if options.in_cluster:
            cluster = os.environ["DATABASE_URL"]

            def of_cluster(name):
                subprocess.run(["psql", cluster, "--quiet", "-c", f"CREATE DATABASE {name}"], check=True)
                url = f"{cluster.rpartition('/')[0]}/{name}"
                return Postgres(url), url

            measure(options, of_cluster, folder)
            return
        facts(options, folder)
        if options.database != "postgres":
            print("\n### SQLite\n")
            measure(options, lambda name: (Sqlite(f"sqlite:{folder}/{name}.db"), f"sqlite:{folder}/{name}.db"), folder)
        if options.database != "sqlite":
            again = ["taskset", "-c", SERVER_CORE, ROOT / "tests/postgres.sh", sys.executable, __file__, "--in-cluster"]
            again += ["--prongsai", options.prongsai, "--sizes", ",".join(map(str, options.sizes))]
            again += ["--kinds", options.kinds, "--seconds", options.seconds, "--rounds", options.rounds]
            again += ["--beside", options.beside] if options.beside else []
            print("\n### PostgreSQL\n", flush=True)
            subprocess.run(list(map(str, again)), check=True, env=os.environ | {"PRONGSAI_TEST_FSYNC": "on"})
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
