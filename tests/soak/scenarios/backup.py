"""A backup that is taken under load, verified, and restored into an empty place: all that was acknowledged before it began is there."""

import os
import shutil
import subprocess
import time

from ledger import look
from load import Load
from service import Fault, with_keys
from table import seconds


def control(soak):
    """A plain copy of the live SQLite file; on PostgreSQL a dump that is older than what was acknowledged."""
    place, ledger = soak.place().prepare(), soak.ledger()
    server, restored = place.serve(), soak.place(keys=place.keys)
    dump = None if soak.database == "sqlite" else pg_dump(soak, place)
    with Load(server.port, ledger, clients=4, files=0):
        time.sleep(1)
        if dump is None:
            shutil.copy(place.sqlite, restored.sqlite)
    if dump is not None:
        pg_restore(soak, restored, dump)
    server.stop()
    try:
        lost = look(restored.serve().port, ledger.mark()).lost
        what = f"{lost} of {len(ledger)} lost"
    except Fault:
        lost, what = len(ledger), "it cannot be served"
    if not lost:
        raise Fault(f"control: a copy of the live database has lost none of {len(ledger)}")
    return f"{'cp of the live file' if dump is None else 'an older dump'}: {what}"


def pg_dump(soak, place):
    dump = soak.folder / "older.dump"
    subprocess.run([soak.databases.bin / "pg_dump", "-Fc", "-f", dump, place.database_url], check=True, timeout=60)
    return dump


def pg_restore(soak, place, dump):
    command = [soak.databases.bin / "pg_restore", "--no-owner", "-d", place.database_url, dump]
    subprocess.run(command, check=True, timeout=60)


def run(soak, result):
    times = []
    for _ in range(soak.rounds(5, 1)):
        place, ledger = soak.place().prepare(), soak.ledger()
        if place.command("backup", "--help", status=None).returncode:
            raise Fault("`prongsai backup` is not there")
        server, target = place.serve(), soak.folder / f"backup-{soak.number()}"
        with Load(server.port, ledger, clients=4) as load:
            time.sleep(2)
            place.export()
            marked, began = ledger.mark(), time.monotonic()
            env = {"PATH": path(soak)}
            place.command("backup", target, *place.database(), "--attachments", place.attachments, env=env)
            time.sleep(0.5)
        server.stop()
        place.command("backup", "verify", target, env=env)
        damaged(soak, place, target, result, env)
        restored = with_keys(soak.place(keys=place.keys))
        # The same auditor, with the checkpoint of before the backup.
        restored.memory = place.memory
        place.command("restore", target, *restored.database(), "--attachments", restored.attachments, env=env)
        server = restored.serve()
        times.append(time.monotonic() - began)
        found = look(server.port, marked, download=True)
        restored.export()
        result.add(found, sum(map(len, marked)))
        result.rounds += 1
        soak.log(
            f"backup: {sum(map(len, marked))} of {len(ledger)} acknowledged before it; {found.lost} lost; {load.statuses[503]} refused meanwhile"
        )
        server.stop()
    result.note(f"backup, verify, restore and serve: {seconds(times)}")


def path(soak):
    """Where pg_dump is found."""
    return f"{soak.databases.bin}:{os.environ['PATH']}" if soak.databases else os.environ["PATH"]


def damaged(soak, place, target, result, env):
    """A backup of which a byte was changed is not taken for a good one."""
    copy = soak.folder / f"damaged-{soak.number()}"
    shutil.copytree(target, copy)
    largest = max((file for file in copy.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
    with largest.open("r+b") as file:
        file.seek(largest.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    done = place.command("backup", "verify", copy, status=None, env=env)
    result.need(done.returncode == 1, f"a backup with a changed byte is verified with {done.returncode}")
