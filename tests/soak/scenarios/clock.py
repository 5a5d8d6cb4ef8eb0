"""A wrong clock: 11 years ahead for some seconds destroys nothing; two days behind is said, and complaints are taken."""

import json
import subprocess
import time
import uuid
from pathlib import Path

from ledger import look, settle
from service import ROOT, Fault, is_well, readiness
from soak import Skipped

# Past the ten years that a withdrawn report of corruption is kept.
AHEAD, BEHIND = "+4015d", "-2d"


def wrong(offset):
    """An environment in which the program's clock is wrong, but runs as fast as ever."""
    subprocess.run([ROOT / "tests/need.sh", "faketime", "faketime"], check=False, timeout=300, capture_output=True)
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        raise Skipped("not run: faketime is not there (Debian: apt-get install faketime)")
    return {
        "LD_PRELOAD": str(libraries[0]),
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def closed_cases(server, ledger, count=2):
    """Withdrawn complaints, each with a file."""
    client = server.client()
    for _ in range(count):
        key = uuid.uuid4().hex
        ledger.send(client, key, "complaint")
        receipt = ledger.receipts[key]
        ledger.send(client, uuid.uuid4().hex, "file", receipt, f"evidence {key}".encode())
        withdrawn = client.ask(
            "POST", "/v1/complaints/lookup/withdrawal", {"receipt": receipt}, Idempotency_Key=uuid.uuid4().hex
        ).need(200)
        officer, reference = server.client("complaint_officer"), withdrawn.json()["reference"]
        found = officer.ask("GET", f"/v1/complaints?reference={reference}").need(200).json()["items"][0]
        accept = {"action": "accept_withdrawal"}
        officer.ask("POST", f"/v1/complaints/{found['id']}/transitions", accept).need(200)


def control(soak):
    """Files that are gone; and a readiness that says nothing of a clock that is right."""
    wrong(AHEAD)
    place, ledger = soak.place().prepare(), soak.ledger()
    server = place.serve()
    closed_cases(server, ledger)
    if not is_well(server.port):
        raise Fault(f"control: with the right time, /health/ready is {readiness(server.port)}")
    for file in place.attachments.rglob("*"):
        if file.is_file():
            file.unlink()
    lost = look(server.port, ledger.mark(), download=True).lost
    if lost != 2:
        raise Fault(f"control: of two destroyed files {lost} are found missing")
    return "two destroyed files are found missing"


def run(soak, result):
    for _ in range(soak.rounds(3, 1)):
        ahead(soak, result)
    behind(soak, result)
    result.note("11 years ahead and two days behind: nothing destroyed, shown by /health/ready, complaints taken")


def conditions(server):
    """What /health/ready says needs an operator."""
    return [condition["code"] for condition in json.loads(readiness(server.port)[1])["conditions"]]


def ahead(soak, result):
    env = wrong(AHEAD)
    for destroy, what in (serve, "the service"), (retain, "`retention run`"):
        place, ledger = soak.place().prepare(), soak.ledger()
        server = place.serve()
        closed_cases(server, ledger)
        server.stop()
        destroy(place, env, result)
        found = look(place.serve().port, ledger.mark(), download=True)
        soak.log(f"clock: 11 years ahead, {what} destroyed {found.lost} of {len(ledger)}")
        result.add(found, len(ledger))
        result.rounds += 1


def serve(place, env, result):
    server = place.serve(env=env, until="/health/live")
    time.sleep(5)
    shown = conditions(server)
    result.need(shown == ["clock_ahead"], f"11 years ahead, /health/ready shows {shown}")
    server.stop()


def retain(place, env, _):
    """An operator's command, given while the clock is wrong: it may as well refuse."""
    place.command("retention", "run", *place.database(), *keys(place), status=None, env=env)


def keys(place):
    """The flags of files and keys that `retention run` has."""
    help = place.command("retention", "run", "--help")
    flags = {"--audit-key": "audit", "--content-keys": "content", "--signing-key": "signing"}
    flags = {flag: place.keys[key] for flag, key in flags.items()} | {"--attachments": place.attachments}
    return [part for flag, value in flags.items() if flag in help for part in (flag, value)]


def behind(soak, result):
    place, ledger = soak.place().prepare(), soak.ledger()
    server = place.serve()
    closed_cases(server, ledger)
    server.stop()
    server = place.serve(env=wrong(BEHIND), until="/health/live")
    warned = '"WARN"' in server.log.read_text(errors="replace")
    result.need(warned, "two days behind, the log has no warning")
    client = server.client()
    statuses = [ledger.send(client, uuid.uuid4().hex, "complaint") for _ in range(10)]
    result.need(statuses == [201] * 10, f"two days behind, complaints are answered with {statuses}")
    shown = conditions(server)
    result.need(shown == ["clock_behind"], f"two days behind, /health/ready shows {shown}")
    server.stop()
    result.add(settle(place.serve(), ledger), len(ledger))
    result.rounds += 1
