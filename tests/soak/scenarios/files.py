"""Another database with the same keys and the same folder of attachments, empty or of before the newest cases: no file is lost."""

import os
import shutil
import time
import uuid

from ledger import look
from service import Fault, with_keys

# A service looks through its files soon after its start.
SERVES = 3


def with_files(soak, place, ledger, cases):
    server = place.serve()
    client = server.client()
    for _ in range(cases):
        key = uuid.uuid4().hex
        ledger.send(client, key, "complaint")
        ledger.send(client, uuid.uuid4().hex, "file", ledger.receipts[key], f"evidence {key}".encode())
    server.stop()


def age(place):
    """As if the files had been there for two days."""
    then = time.time() - 2 * 86400
    for file in place.attachments.rglob("*"):
        os.utime(file, (then, then))


def control(soak):
    place, ledger = soak.place().prepare(), soak.ledger()
    with_files(soak, place, ledger, 2)
    next(file for file in place.attachments.rglob("*") if file.is_file()).unlink()
    lost = look(place.serve().port, ledger.mark(), download=True).lost
    if lost != 1:
        raise Fault(f"control: of one file that was deleted {lost} are found missing")
    return "a deleted file is found missing"


def run(soak, result):
    for _ in range(soak.rounds(3, 1)):
        for other, what in (empty, "an empty database"), (older, "a database of before two cases"):
            place, ledger = soak.place().prepare(), soak.ledger()
            with_files(soak, place, ledger, 2)
            served = with_keys(other(soak, place))
            with_files(soak, place, ledger, 2)
            served.attachments = place.attachments
            age(place)
            server = served.serve()
            time.sleep(SERVES)
            server.stop()
            found = look(place.serve().port, ledger.mark(), download=True)
            result.add(found, len(ledger))
            result.rounds += 1
            soak.log(f"files: after {what}: {found.lost} of {len(ledger.files)} files lost")
    result.note("each file downloaded after an empty database, or one of before two cases, had served")


def empty(soak, place):
    return soak.place(keys=place.keys).prepare()


def older(soak, place):
    """On a copy of the database as it is now, which nobody has open."""
    other = soak.place(keys=place.keys)
    if soak.database == "sqlite":
        for file in place.folder.glob(f"{place.sqlite.name}*"):
            shutil.copy(file, other.folder)
    else:
        name, new = (url.rpartition("/")[2] for url in (place.database_url, other.database_url))
        soak.databases.psql(f"DROP DATABASE {new}")
        soak.databases.psql(f"CREATE DATABASE {new} TEMPLATE {name}")
    return other
