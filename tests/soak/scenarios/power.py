"""The power is cut under load: what the file system had not written is gone, and what was acknowledged is there."""

import random
import time

from disk import Disk
from faults import ALL, Faults
from ledger import look, settle
from load import Load
from service import Fault
from table import seconds

MIB = 512


def crash(disk, server):
    """The power goes, then the process, which has had no chance to know."""
    disk.cut()
    time.sleep(0.2)
    server.kill()
    disk.restore()


def control(soak):
    """A disk whose fsync does nothing."""
    disk = Disk(soak, MIB)
    place, ledger, lost = soak.place(disk.folder / "place").prepare(), soak.ledger(), 0
    for round in range(5):
        faults = Faults(soak, [disk.folder], "fsync", "0")
        server = place.serve(env=faults.env)
        faults.arm(1, ALL)
        with Load(server.port, ledger, timeout=10):
            time.sleep(1.5)
            crash(disk, server)
        try:
            lost = look(place.serve().port, ledger.mark()).lost
        except Fault:
            # The database itself is damaged: that is a loss as well.
            lost = len(ledger)
        if lost:
            return f"fsync that does nothing: {lost} of {len(ledger)} lost in round {round + 1}"
    raise Fault("control: with an fsync that does nothing, five power cuts lose nothing")


def run(soak, result):
    disk = Disk(soak, MIB)
    place, ledger, ready = soak.place(disk.folder / "place").prepare(), soak.ledger(), []
    for round in range(soak.rounds(20, 2)):
        server, (complaints, files) = place.serve(), ledger.mark()
        with Load(server.port, ledger, timeout=10) as load:
            time.sleep(random.uniform(0.5, 2.0))
            crash(disk, server)
        server = place.serve()
        ready.append(server.ready_in)
        now = ledger.mark()
        new = [
            {key: value for key, value in marked.items() if key not in old}
            for marked, old in zip(now, (complaints, files))
        ]
        unanswered = len(ledger.open)
        result.add(settle(server, ledger, new), sum(map(len, new)))
        server.kill()
        result.rounds += 1
        soak.log(
            f"power: cut {round + 1}: {load.statuses[201]} acknowledged, {unanswered} unanswered, ready in {server.ready_in:.2f} s"
        )
    result.add(settle(place.serve(), ledger))
    result.note(f"ready again: {seconds(ready)}")
