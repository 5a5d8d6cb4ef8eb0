"""The disk is full under load, and has room again: the service says so while it lasts, goes on afterwards, and has lost nothing."""

import os
import time
import uuid

from disk import Disk
from ledger import again, settle
from load import Load
from service import Client, Fault, is_well, readiness
from soak import invented
from table import seconds

# A disk with less than 64 MiB left is a condition of its own.
MIB, LASTS = 256, 6


def control(soak):
    """A service that has kept nothing; and a readiness that says nothing of a disk that is not full."""
    disk = Disk(soak, MIB)
    server, ledger = soak.place(disk.folder / "place").prepare().serve(), soak.ledger()
    if not is_well(server.port):
        raise Fault(f"control: /health/ready is not well on a disk with room: {readiness(server.port)}")
    return invented(server, ledger)


def fill(disk):
    """A file that takes all that is left."""
    ballast = disk.folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    os.write(file.fileno(), bytes(size))
            except OSError:
                pass
    return ballast


def wait(condition, seconds):
    """How long it took until the condition held, or None."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.05)
    return None


def run(soak, result):
    disk = Disk(soak, MIB)
    place, ledger = soak.place(disk.folder / "place").prepare(), soak.ledger()
    server, back = place.serve(), []
    for _ in range(soak.rounds(5, 1)):
        with Load(server.port, ledger, clients=4, pause=0.01) as load:
            time.sleep(1)
            ballast = fill(disk)
            refused, said = while_full(server.port, load)
            ballast.unlink()
            took = wait(lambda: load.ledger.send(Client(server.port), uuid.uuid4().hex, "complaint") == 201, 10)
        well = wait(lambda: is_well(server.port), 60)
        result.need(refused, "no write was refused while the disk was full")
        result.need(said, f"/health/ready did not say that the disk was full: {readiness(server.port)}")
        result.need(took is not None, "no write was taken within 10 s after the disk had room again")
        result.need(well is not None, f"/health/ready stays {readiness(server.port)}")
        soak.log(
            f"full: {load.statuses[201]} acknowledged, {refused} refused while full, /health/ready: {said}, back in {took} s"
        )
        back.append(10 if took is None else took)
        go_on(server, ledger, result)
        server.kill()
        server = place.serve()
        result.add(settle(server, ledger))
        result.rounds += 1
    result.acknowledged = len(ledger)
    result.note(f"writes again: {seconds(back)}")


def while_full(port, load):
    """How many requests were refused, and what /health/ready said, if it said anything."""
    before, said, end = load.statuses[503], None, time.monotonic() + LASTS
    while time.monotonic() < end:
        if said is None and "storage_full" in readiness(port)[1]:
            said = readiness(port)
        time.sleep(0.1)
    return load.statuses[503] - before, said


def go_on(server, ledger, result):
    """An ordinary refused write, and ten writes after it: a transaction that SQLite has ended by itself must not outlive them."""
    officer, client = server.client("complaint_officer"), server.client()
    case = again(lambda: officer.ask("GET", "/v1/complaints?limit=1")).need(200).json()["items"][0]
    change = {"on_hold": True}
    stale = officer.ask(
        "PATCH", f"/v1/complaints/{case['id']}", change, kind="application/merge-patch+json", If_Match='"0.0"'
    )
    result.need(stale.status == 412, f"a stale If-Match is answered with {stale.status}")
    statuses = [ledger.send(client, uuid.uuid4().hex, "complaint") for _ in range(10)]
    result.need(statuses == [201] * 10, f"ten writes after it are answered with {statuses}")
