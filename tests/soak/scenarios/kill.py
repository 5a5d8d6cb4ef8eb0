"""The service is killed while clients send complaints and files; what was acknowledged is there when it is back."""

import random
import time

from ledger import settle
from load import Load
from soak import invented
from table import seconds


def control(soak):
    place = soak.place().prepare()
    server, ledger = place.serve(), soak.ledger()
    with Load(server.port, ledger, clients=4):
        time.sleep(0.5)
    server.kill()
    return invented(place.serve(), ledger)


def run(soak, result):
    place, ledger, ready = soak.place().prepare(), soak.ledger(), []
    server, replayed = place.serve(), 0
    for round in range(soak.rounds(40 if soak.database == "sqlite" else 10, 2)):
        before = set(ledger.complaints), set(ledger.files)
        with Load(server.port, ledger, timeout=10) as load:
            time.sleep(random.uniform(0.5, 2.0))
            server.kill()
        server = place.serve()
        ready.append(server.ready_in)
        unanswered = len(ledger.open)
        complaints, files = ledger.mark()
        # Of the earlier rounds all are looked up at the end.
        new = {key: value for key, value in complaints.items() if key not in before[0]}
        added = {key: value for key, value in files.items() if key not in before[1]}
        result.add(settle(server, ledger, (new, added)), len(new) + len(added))
        result.rounds += 1
        replayed += unanswered
        soak.log(
            f"kill: round {round + 1}: {load.statuses[201]} acknowledged, {unanswered} unanswered, ready in {server.ready_in:.2f} s"
        )
    result.add(settle(server, ledger))
    result.note(f"ready again: {seconds(ready)}; {replayed} retries, each done once")
