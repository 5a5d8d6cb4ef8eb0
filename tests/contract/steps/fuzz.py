"""schemathesis: every check, every phase, as anybody and as every role, on both databases."""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from .service import serve
from .tools import DOCUMENT, FOLDER, HERE, python

LEAST = 5000
REPORTS = FOLDER / "fuzz"


def run():
    REPORTS.mkdir(exist_ok=True)
    databases = {"SQLite": None}
    if url := os.environ.get("DATABASE_URL"):
        databases["PostgreSQL"] = url
    # A core for each database.
    with ThreadPoolExecutor(len(databases)) as pool:
        runs = list(pool.map(lambda database: as_everybody(*database), databases.items()))
    faults = []
    print(f"| role | {' | '.join(databases)} |\n|---|{'---:|' * len(databases)}")
    for role in runs[0]:
        print(f"| {role} | {' | '.join(format(counts[role][0], ',') for counts in runs)} |")
        faults += [counts[role][1] for counts in runs if counts[role][1]]
    total = sum(cases for counts in runs for cases, _ in counts.values())
    print(f"{total:,} cases, {len(faults)} runs with failures")
    if total < LEAST:
        faults.append(f"only {total} cases")
    return "; ".join(faults)


def as_everybody(database, url):
    """How many cases were made as each role, and what is wrong."""
    with serve(url) as service:
        tokens = {"public": None, **service["tokens"]}
        return {role: as_one(database, role, token, service["address"]) for role, token in tokens.items()}


def as_one(database, role, token, address):
    report = REPORTS / f"{database}-{role}.txt".lower()
    command = [
        python("judges") / "schemathesis",
        *("--config-file", HERE / "schemathesis.toml"),
        *("run", DOCUMENT, "--url", address, "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", "10", "--generation-deterministic"),
        *("--continue-on-failure", "--no-color"),
        *(("--header", f"Authorization: Bearer {token}") if token else ()),
    ]
    env = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    with report.open("w") as file:
        code = subprocess.run(command, cwd=REPORTS, env=env, stdout=file, stderr=subprocess.STDOUT).returncode
    told = report.read_text()
    cases = re.search(r"^  ([\d,]+) generated", told, re.MULTILINE)
    operations = sum(len(item) for item in json.loads(DOCUMENT.read_text())["paths"].values())
    if code or not cases or f"Tested: {operations}\n" not in told:
        print(told)
        return 0, f"{database}, {role}: see {report}"
    return int(cases[1].replace(",", "")), None
