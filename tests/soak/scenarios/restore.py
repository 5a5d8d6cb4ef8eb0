"""An older copy of the database is served: it is noticed, nothing is written, and the service goes on once that is acknowledged."""

import json
import os
import subprocess
import sys
import uuid

from ledger import look
from scenarios.backup import path
from service import ROOT, Fault, readiness

RESTORED = 3
REASON = "the disk has failed"


def complain(server, ledger, count):
    client = server.client()
    return [ledger.send(client, uuid.uuid4().hex, "complaint") for _ in range(count)]


def restored(soak, before, after):
    """A deployment on a backup that lacks the newest complaints; the checkpoint of all of them; what was acknowledged before it."""
    place, ledger = soak.place().prepare(), soak.ledger()
    server, target, env = place.serve(), soak.folder / f"backup-{soak.number()}", {"PATH": path(soak)}
    complain(server, ledger, before)
    place.command("backup", target, *place.database(), "--attachments", place.attachments, env=env)
    marked = ledger.mark()
    complain(server, ledger, after)
    note = server.client("auditor").ask("GET", "/v1/audit/checkpoint").need(200).body
    server.stop()
    since = place.memory / "kept"
    since.write_bytes(note)
    other = soak.place(keys=place.keys)
    other.command("restore", target, *other.database(), "--attachments", other.attachments, env=env)
    return other, since, marked


def is_noticed(server):
    """Whether the service says that it is on an older copy."""
    conditions = json.loads(readiness(server.port)[1])["conditions"]
    return any("acknowledge-restore" in condition.get("reason", "") for condition in conditions)


def control(soak):
    """A service that has no checkpoint of before, as if it kept none outside the database."""
    place, _, _ = restored(soak, 2, 2)
    os.remove(f"{place.keys['audit']}.checkpoints")
    if is_noticed(place.serve()):
        raise Fault("control: an older copy is noticed without a checkpoint of before")
    return "without the checkpoint file an older copy is served as if nothing were lost"


def run(soak, result):
    for _ in range(soak.rounds(3, 1)):
        place, since, marked = restored(soak, 5, 5)
        server, ledger = place.serve(), soak.ledger()
        result.need(is_noticed(server), f"an older copy is served, and /health/ready is {readiness(server.port)}")
        statuses = complain(server, ledger, 3)
        result.need(statuses == [503] * 3, f"on an older copy complaints are answered with {statuses}")
        result.add(look(server.port, marked), sum(map(len, marked)))
        server.kill()
        log = [*place.database(), "--audit-key", place.keys["audit"]]
        place.command("audit", "acknowledge-restore", "--reason", REASON, *log)
        ledger = soak.ledger()
        server = place.serve()
        statuses = complain(server, ledger, 5)
        result.need(statuses == [201] * 5, f"after the acknowledgement complaints are answered with {statuses}")
        server.kill()
        result.add(look(place.serve().port, ledger.mark()), len(ledger))
        verified(place, since, log, result)
        result.rounds += 1
    result.note("an older copy: refused, acknowledged, written to again, and told by both verifiers")


def verified(place, since, log, result):
    export = place.memory / "restored.jsonl"
    export.write_text(place.command("audit", "export", *log))
    key = place.command("audit", "key", "--audit-key", place.keys["audit"]).strip()
    arguments = [export, "--key", key, "--since", since]
    ours = place.command("audit", "verify", *arguments, status=None)
    python = [sys.executable, ROOT / "docs/verify_audit.py", *arguments]
    theirs = subprocess.run([str(part) for part in python], capture_output=True, text=True, timeout=120)
    for name, done in ("audit verify", ours), ("verify_audit.py", theirs):
        is_told = done.returncode == RESTORED and REASON in done.stdout
        result.need(is_told, f"{name} ends with {done.returncode}: {done.stdout[-300:]}")
