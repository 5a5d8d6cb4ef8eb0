"""Little space is left on the disk of the files: files are refused before it is gone, however many come at once, complaints are taken,
and files again when there is room."""

import os
import threading
import time
import uuid

from ledger import settle
from service import Client, Fault, is_well, readiness

MIB = 1 << 20

# How much may still be sent, and what is deleted afterwards, in MiB: more than the largest file has.
ROOM, BALLAST = 12, 16

CLIENTS, PATIENCE = 4, 15


def control(soak):
    """Without a floor files are taken where with one they are refused."""
    place = in_memory(soak)
    server = place.serve("--free-disk-mib", 0)
    status = attach(server.port, soak.ledger())
    if status != 201:
        raise Fault(f"control: without a floor a file is answered with {status}")
    server.kill()
    status = attach(place.serve("--free-disk-mib", free(place) // MIB + ROOM).port, soak.ledger())
    if status != 503:
        raise Fault(f"control: below the floor a file is answered with {status}")
    return "without a floor a file is taken where there is no more than one"


def in_memory(soak):
    """A deployment whose files lie where nobody else writes much."""
    place = soak.place().prepare()
    place.attachments = soak.memory / f"files-{soak.number()}"
    place.attachments.mkdir()
    return place


def free(place):
    left = os.statvfs(place.attachments)
    return left.f_bavail * left.f_frsize


def attach(port, ledger):
    """The status of a file of a new complaint."""
    client, key = Client(port), uuid.uuid4().hex
    if ledger.send(client, key, "complaint") != 201:
        raise Fault("a complaint is not taken")
    content = f"evidence {key}\n".encode().ljust(MIB, b".")
    return ledger.send(client, uuid.uuid4().hex, "file", ledger.receipts[key], content)


def within(seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def run(soak, result):
    place, ledger = in_memory(soak), soak.ledger()
    ballast = place.attachments / "ballast"
    ballast.write_bytes(bytes(BALLAST * MIB))
    floor = free(place) // MIB - ROOM
    server, statuses = place.serve("--free-disk-mib", floor), []

    def fill():
        while not statuses or statuses[-1] == 201:
            statuses.append(attach(server.port, ledger))

    threads = [threading.Thread(target=fill, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    taken, left = statuses.count(201), free(place)
    result.need(taken > 0, "no file was taken above the floor")
    result.need(set(statuses) == {201, 503}, f"files were answered with {sorted(set(statuses))}")
    # The acknowledgements lie there as well.
    result.need(left >= (floor - 1) * MIB, f"files left {left / MIB:.1f} MiB free, with a floor of {floor} MiB")
    result.need(ledger.send(Client(server.port), uuid.uuid4().hex, "complaint") == 201, "a complaint was refused")
    said = within(PATIENCE, lambda: "attachments_full" in readiness(server.port)[1])
    result.need(said, f"/health/ready did not say that files are full: {readiness(server.port)}")
    ballast.unlink()
    result.need(attach(server.port, ledger) == 201, "no file was taken after there was room again")
    well = within(PATIENCE, lambda: is_well(server.port))
    result.need(well, f"/health/ready stays {readiness(server.port)}")
    result.add(settle(server, ledger))
    result.rounds, result.acknowledged = 1, len(ledger)
    result.note(f"{taken} files of 1 MiB taken, {left / MIB - floor:.1f} MiB above the floor left")
