"""A migration is killed at any moment, or runs twice at once: the next one brings the database to the schema, and its log begins once."""

import json
import random
import sqlite3
import subprocess
import time

from service import Fault, with_keys
from table import seconds


def start(place):
    command = [str(place.soak.binary), "migrate", *place.database()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=place.folder)
    place.soak.started(process)
    return process


def mended(place):
    """What the next `migrate` says, where it fails."""
    done = place.command("migrate", *place.database(), status=None)
    return done.returncode and (done.stderr or done.stdout).strip()


def begins_once(place):
    """Whether the audit log verifies, and has one event that makes the agency, its first."""
    lines = map(json.loads, place.export().read_text().splitlines())
    leaves = [json.loads(line["leaf"]) for line in lines if line["kind"] == "event"]
    return [leaf["seq"] for leaf in leaves if (leaf["action"], leaf["resource"]) == ("create", "agency")] == [0]


def control(soak):
    """A database in which a migration was begun and not noted."""
    place = soak.place()
    place.command("migrate", *place.database())
    forget = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)"
    if soak.database == "sqlite":
        with sqlite3.connect(place.sqlite) as database:
            database.execute(forget)
        database.close()
    else:
        soak.databases.psql(forget, place.database_url)
    fault = mended(place)
    if not fault:
        raise Fault("control: a database that holds half a migration is migrated as if nothing were wrong")
    return "half a migration: the next one fails"


def run(soak, result):
    killed(soak, result)
    together(soak, result)


def killed(soak, result):
    place = soak.place()
    began = time.monotonic()
    place.command("migrate", *place.database())
    whole, hit, broken = time.monotonic() - began, 0, 0
    for _ in range(soak.rounds(30, 5)):
        place = with_keys(soak.place(keys=place.keys))
        process = start(place)
        # Within 120 ms a release build is done with it; a slower program is killed within the time that it takes.
        time.sleep(random.uniform(0.005, max(0.12, whole)))
        hit += process.poll() is None
        process.kill()
        process.communicate(timeout=10)
        result.rounds += 1
        if fault := mended(place):
            broken += 1
            result.fault(f"killed: the next migrate fails: {fault[-200:]}")
        elif not begins_once(place):
            result.fault("killed: the log does not begin with one `create agency`")
    soak.log(f"migration: {hit} killed before their end, {broken} cannot be migrated")
    result.need(hit, "no migration was killed before its end")
    result.note(f"{hit} killed before their end, {broken} cannot be migrated; a whole one {whole:.2f} s")


def together(soak, result):
    failed, times = 0, []
    for _ in range(soak.rounds(20, 2)):
        place, began = soak.place(), time.monotonic()
        pair = [start(place), start(place)]
        outputs = [process.communicate(timeout=60)[0] for process in pair]
        times.append(time.monotonic() - began)
        result.rounds += 1
        for process, output in zip(pair, outputs):
            if process.returncode:
                failed += 1
                result.fault(f"two at once: one fails: {output.strip()[-200:]}")
        if not begins_once(place):
            result.fault("two at once: the log does not begin with one `create agency`")
    soak.log(f"migration: of {len(times)} pairs {failed} failed")
    result.note(f"{len(times)} pairs at once, {failed} failed, {seconds(times)}")
