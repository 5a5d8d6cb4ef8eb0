"""schemathesis, with every check: every operation as anybody, and as every role those that it has a scope for. That the
others are refused is tests/it/access.rs's to see."""

import base64
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .service import serve
from .tools import DOCUMENT, FOLDER, HERE, python

REPORTS = FOLDER / "fuzz"
CONFIG = REPORTS / "schemathesis.toml"

# Cases that a run must have made at the least for each operation, of all phases together.
LEAST = 25

# Larger than the 1 MiB of a response that schemathesis reads, which ends in the middle of a line of YAML. The step `lint`
# reads the whole.
TOO_LARGE = {"get_openapi_yaml"}


@dataclass(frozen=True)
class Extent:
    """How much a run tries. What it tries follows from the document alone: the same cases each time."""

    phases: str
    # Scenarios of several requests each, in the stateful phase; they follow the document's links to records that they have made.
    scenarios: int
    # Whether every role runs on every database, or each on one of them in turn.
    everywhere: bool


SHORT = Extent("examples,coverage,stateful", scenarios=5, everywhere=False)
LONG = Extent("examples,coverage,fuzzing,stateful", scenarios=40, everywhere=True)


def run_short():
    return run(SHORT)


def run_long():
    return run(LONG)


def run(extent):
    REPORTS.mkdir(exist_ok=True)
    scenarios = f"[phases.stateful.generation]\nmax-examples = {extent.scenarios}\n"
    CONFIG.write_text((HERE / "schemathesis.toml").read_text() + scenarios)
    databases = {"SQLite": None}
    # Only a cluster that tests/postgres.sh has made for this: what is fuzzed is full of nonsense after it.
    if os.environ.get("PRONGSAI_TEST_CLUSTER"):
        databases["PostgreSQL"] = os.environ["DATABASE_URL"]
    with serve() as service:
        roles = ["public", *service["tokens"]]
    shares = {name: roles if extent.everywhere else roles[index :: len(databases)] for index, name in enumerate(databases)}
    # A core for each database.
    with ThreadPoolExecutor(len(databases)) as pool:
        runs = list(pool.map(lambda name: as_each(extent, shares[name], name, databases[name]), databases))
    faults = []
    print(f"| role | {' | '.join(databases)} |\n|---|{'---:|' * len(databases)}")
    for role in roles:
        counts = [counts[role] if role in counts else None for counts in runs]
        print(f"| {role} | {' | '.join(format(count[0], ',') if count else '' for count in counts)} |")
        faults += [fault for _, fault in filter(None, counts) if fault]
    total = sum(cases for counts in runs for cases, _ in counts.values())
    print(f"{total:,} cases, {len(faults)} runs with failures")
    return "; ".join(faults)


def as_each(extent, roles, database, cluster):
    """How many cases were made as each role, and what is wrong. No role sees what another one has made."""
    runs = {}
    for role in roles:
        with serve(cluster and new_database(cluster, f"fuzz_{role}")) as service:
            runs[role] = as_one(extent, database, role, service["tokens"].get(role), service["address"])
    return runs


def new_database(cluster, name):
    subprocess.run(["psql", cluster, "--quiet", "--command", f"CREATE DATABASE {name}"], check=True)
    return f"{cluster.rpartition('/')[0]}/{name}"


def scopes_of(token):
    """The scopes that a token says it has."""
    return set(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["scope"].split())


def operations_of(token):
    """The ids of the operations that name a scope of this token; without one, of all. TOO_LARGE is left out."""
    operations = [item for items in json.loads(DOCUMENT.read_text())["paths"].values() for item in items.values()]
    if token:
        scopes = scopes_of(token)
        ways = lambda operation: (way.get("bearer", []) for way in operation["security"])
        operations = [operation for operation in operations if scopes.intersection(sum(ways(operation), []))]
    return [operation["operationId"] for operation in operations if operation["operationId"] not in TOO_LARGE]


def as_one(extent, database, role, token, address):
    operations = operations_of(token)
    report = REPORTS / f"{database}-{role}.txt".lower()
    command = [
        python("judges") / "schemathesis",
        *("--config-file", CONFIG),
        *("run", DOCUMENT, "--url", address, "--checks", "all", "--phases", extent.phases),
        *("--max-examples", "10", "--generation-deterministic"),
        # How fast a busy machine makes up data says nothing about the service.
        *("--suppress-health-check", "too_slow"),
        *("--continue-on-failure", "--no-color"),
        *(("--header", f"Authorization: Bearer {token}") if token else ()),
        *(f"--include-operation-id={operation}" for operation in operations),
    ]
    env = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    with report.open("w") as file:
        code = subprocess.run(command, cwd=REPORTS, env=env, stdout=file, stderr=subprocess.STDOUT).returncode
    told = report.read_text()
    cases = re.search(r"^  ([\d,]+) generated", told, re.MULTILINE)
    if code or not cases or f"Tested: {len(operations)}\n" not in told:
        print(told)
        return 0, f"{database}, {role}: see {report}"
    cases = int(cases[1].replace(",", ""))
    return cases, None if cases >= LEAST * len(operations) else f"{database}, {role}: only {cases} cases"
