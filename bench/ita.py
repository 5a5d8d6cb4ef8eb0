#!/usr/bin/env python3
"""Measures the readiness for the ITA and every report of a large year, in every format: how long each takes and what memory it
needs. Prints tables for bench/README.md.

    cargo build --release
    bench/ita.py

Needs what bench/run.py needs, but no wrk. Measures, projects and answers come in through Prongsai; complaints and service
requests are written as bench/cases.py writes them.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cases import COLUMNS, FIRST, YEAR, Postgres, Sqlite, prepare
from run import CLIENT_CORE, ROOT, SERVER_CORE, Client, Server, free_port, machine, serve, tell, templates

FORMATS = ["json", "csv", "xlsx", "docx", "html"]
REPORTS = [
    *("integrity-measures", "integrity-measures-report", "anti-corruption-report", "complaint-statistics"),
    *("service-statistics", "e-service", "service-manual"),
]
PATHS = {"readiness": f"/v1/ita/{YEAR}/readiness?"} | {
    name: f"/v1/reports/{name}?fiscal_year={YEAR}&" for name in REPORTS
}
SERVICES = 13
COLUMNS |= {
    "link": "id url url_sha256 state first_seen_at failures next_check_at version".split(),
    "link_use": "link_id resource record title fiscal_year".split(),
}
# Requests that are answered at the same time, for the memory that they need together.
AT_ONCE = 8


def evidence(kind, number, count):
    """Pages and files of one record."""
    address = f"https://www.example.go.th/{YEAR}/{kind}/{number}"
    return [{"title": f"ภาพกิจกรรมที่ {no}", "kind": "photo", "url": f"{address}/{no}.jpg"} for no in range(1, count + 1)]


def measures(count):
    """Measures of the municipality's own texts, in batches of 100."""
    known = list(templates())
    items = []
    for no in range(1, count + 1):
        item = known[no % len(known)] | {"fiscal_year": YEAR, "number": no, "status": "completed", "topic": no % 7 + 1}
        # A workbook has equal texts once, and files of equal texts shrink: no two are equal.
        item |= {name: [f"{text} ({no})" for text in item[name]] for name in ("methods", "results", "outcomes")}
        # What a report lacks is told, which costs as well.
        items.append(item | {"evidence": evidence("measures", no, 2)} | ({"results": []} if no % 20 == 0 else {}))
    return [items[start : start + 100] for start in range(0, len(items), 100)]


def imported(options):
    """Files for `prongsai import`, each with its kind and flags."""
    data = {name: json.loads((ROOT / f"data/{name}.json").read_text()) for name in ("oit-2568", "e-services", "projects-2567")}
    own, services = data["projects-2567"]["projects"], data["e-services"]["e_services"]
    day = {"starts_on": "2026-01-05", "ends_on": "2026-02-06"}
    projects = []
    for no in range(1, options.projects + 1):
        project = {name: value for name, value in own[no % len(own)].items() if name != "measure_no"}
        texts = {name: f"{project[name]} ({no})" for name in ("title", "result", "problems", "recommendations") if name in project}
        projects.append(project | day | texts | {"evidence": evidence("projects", no, 1)})
    services = [service | {"code": f"{service['code']}-{no}"} for no in range(1, SERVICES) for service in services]
    return {
        "ita-items": (data["oit-2568"] | {"fiscal_year": YEAR}, []),
        "e-services": ({"e_services": services[: SERVICES - len(data["e-services"]["e_services"])]}, []),
        "projects": ({"projects": projects}, ["--fiscal-year", str(YEAR)]),
    }


def checked_links(options, items):
    """Rows of the links of all that, as a check leaves them: one of sixteen is dead."""
    of_records = [("measures", no, link["url"]) for no in range(1, options.measures + 1) for link in evidence("measures", no, 2)]
    of_records += [("projects", no, link["url"]) for no in range(1, options.projects + 1) for link in evidence("projects", no, 1)]
    of_records += [("ita-disclosures", item["code"], link["url"]) for item in items for link in answer_to(item)["links"]]
    for number, (resource, record, address) in enumerate(of_records):
        id, state = uuid.UUID(int=(number << 80) | 7 << 76 | 1 << 63), "good" if number % 16 else "dead"
        sha256 = hashlib.sha256(address.encode()).hexdigest()
        yield "link", [id, address, sha256, state, f"{FIRST}T05:00:00+00:00", 0, "2100-01-01T00:00:00+00:00", 1]
        yield "link_use", [id, resource, str(record), f"{resource} {record}", YEAR]


def answer_to(item):
    """An answer that shows all required parts but the last."""
    links = [{"title": item["title"], "url": f"https://www.example.go.th/{item['code']}/{no}"} for no in (1, 2)]
    shown = [{"part": part, "link": 1, "place": "หน้า ๒"} for part in item["required_parts"][:-1]]
    return {"disclosed": True, "links": links, "parts": shown, "explanation": "เผยแพร่บนเว็บไซต์ของเทศบาล"}


def fill(options, url, key, database, token, folder):
    prepare(options.prongsai, url, key, database, 0)

    def load(kind, file, *flags):
        command = [options.prongsai, "import", kind, file, *flags, "--database-url", url]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    load("agency", ROOT / "data/agency.json")
    load("holidays", ROOT / "data/holidays.json")
    for kind, (content, flags) in imported(options).items():
        file = folder / f"{kind}.json"
        file.write_text(json.dumps(content, ensure_ascii=False))
        load(kind, file, *flags)
    with serving(options, url, key, folder) as (_, port):
        client = Client(port, token)
        for batch in measures(options.measures):
            for measure in json.loads(client.need(201, "POST", "/v1/measures/batch", {"items": batch}))["items"]:
                client.need(200, "POST", f"/v1/measures/{measure['id']}/transitions", {"action": "publish"})
        client.headers["If-Match"] = "*"
        items = json.loads(client.need(200, "GET", f"/v1/ita/{YEAR}/items?limit=100"))["items"]
        for item in items:
            client.need(200, "PATCH", f"/v1/ita/{YEAR}/items/{item['code']}/disclosure", answer_to(item))
    tell(f"{database.name}: {options.measures} measures, {options.projects} projects, {len(items)} answers")
    database.fill(checked_links(options, items))
    prepare(options.prongsai, url, key, database, options.complaints, "complaints")
    prepare(options.prongsai, url, key, database, options.requests, "service requests")


@contextlib.contextmanager
def serving(options, url, key, folder):
    """A service that fetches nothing, and its port."""
    port = free_port()
    command = [*serve(options.prongsai, url, key, port, "warn"), "--link-check", "off", "--drain-seconds", "0"]
    with Server(command, folder / f"{port}.log") as server:
        server.wait(port, "/health/ready")
        yield server, port


def asked(client, path, form):
    """Milliseconds of one request, and the bytes of its answer."""
    begun = time.monotonic()
    body = client.need(200, "GET", f"{path}format={form}")
    return (time.monotonic() - begun) * 1000, len(body)


def peak(server):
    """The most that was resident since `forget_peak`, in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def forget_peak(server):
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    return server.resident()


def table(title, cells):
    """A row for each of PATHS, a column for each format."""
    print(f"\n| {title} | {' | '.join(form.upper() for form in FORMATS)} |\n| --- |{' ---: |' * len(FORMATS)}")
    for name in PATHS:
        print(f"| {name} | {' | '.join(cells[name, form] for form in FORMATS)} |", flush=True)


def measure_times(options, url, key, token, folder):
    made, kept, first, sizes = {}, {}, {}, {}
    cases = [(name, form) for name in PATHS for form in FORMATS]
    with serving(options, url, key, folder) as (_, port):
        for client, taken, once in (Client(port, token), made, first), (Client(port), kept, {}):
            public = [case for case in cases if client.headers or case[0] != "readiness"]
            for name, form in public:
                once[name, form], sizes[name, form] = asked(client, PATHS[name], form)
            # In turns, so that whatever the machine does meanwhile meets all of them.
            for _ in range(options.rounds):
                for name, form in public:
                    taken.setdefault((name, form), []).append(asked(client, PATHS[name], form)[0])
    table(
        "made anew, ms: median, max (KiB)",
        {
            case: f"{statistics.median(times):.0f}, {max(max(times), first[case]):.0f} ({sizes[case] / 1024:,.0f})"
            for case, times in made.items()
        },
    )
    slowest = max(statistics.median(times) for times in kept.values())
    print(f"\n- The first request after the start took at most {max(first.values()):.0f} ms.")
    print(f"- From the cache every report took at most {slowest:.1f} ms (median).", flush=True)


def measure_memory(options, url, key, token, folder):
    """The growth for one request of a service that has just started, and for several at the same time."""
    grown, together = {}, {}
    for name in PATHS:
        for form in FORMATS:
            for count, cells in (1, grown), (AT_ONCE, together):
                with serving(options, url, key, folder) as (server, port):
                    # What a service has in memory for any answer.
                    Client(port, token).need(200, "GET", f"/v1/ita/{YEAR}/items")
                    before = forget_peak(server)
                    with ThreadPoolExecutor(count) as pool:
                        list(pool.map(lambda _: asked(Client(port, token), PATHS[name], form), range(count)))
                    cells[name, form] = f"{peak(server) - before:.0f}"
    table("memory for one, MiB", grown)
    table(f"memory for {AT_ONCE} at once, MiB", together)


def measure(options, database, url, folder):
    key = folder / "key.pem"
    for kind, file in ("signing", key), ("signing", key.with_suffix(".audit")), ("content", key.with_suffix(".content")):
        subprocess.run([options.prongsai, "keygen", kind, file], check=True, stdout=subprocess.DEVNULL)
    issue = [options.prongsai, "token", "issue", "--signing-key", key, "--role", "editor", "--ttl", "1d"]
    token = subprocess.run(issue, check=True, capture_output=True, text=True).stdout.strip()
    fill(options, url, key, database, token, folder)
    measure_times(options, url, key, token, folder)
    measure_memory(options, url, key, token, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prongsai", type=Path, default=ROOT / "target/release/prongsai", help="the program")
    parser.add_argument("--complaints", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100_000, help="for services")
    parser.add_argument("--measures", type=int, default=300)
    parser.add_argument("--projects", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=10, help="of each request, of which the median is shown")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--in-cluster", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    folder = Path(tempfile.mkdtemp(prefix="prongsai-bench-"))
    try:
        if options.in_cluster:
            url = os.environ["DATABASE_URL"]
            measure(options, Postgres(url), url, folder)
            return
        machine(folder)
        if options.database != "postgres":
            print("\n### SQLite")
            url = f"sqlite:{folder}/ita.db"
            measure(options, Sqlite(url), url, folder)
        if options.database != "sqlite":
            print("\n### PostgreSQL", flush=True)
            again = ["taskset", "-c", SERVER_CORE, ROOT / "tests/postgres.sh", sys.executable, __file__, "--in-cluster"]
            for name in ["prongsai", "complaints", "requests", "measures", "projects", "rounds"]:
                again += [f"--{name}", getattr(options, name)]
            subprocess.run(list(map(str, again)), check=True, env=os.environ | {"PRONGSAI_TEST_FSYNC": "on"})
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
