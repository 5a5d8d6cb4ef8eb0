"""PostgreSQL is killed, stopped for 20 seconds, and vanishes without closing its connections, under load."""

import os
import signal
import time
import uuid

from ledger import settle
from load import Load
from relay import Relay
from service import Client, Fault
from table import seconds
from watch import Watch

# Promises: how long a request may wait while the database is away, and how long it takes to be back.
REFUSED, BACK, LIVE, VANISHED = 3.0, 5.0, 0.05, 5.0
# Connections to a host that has vanished are found out one by one.
NEW_HOST = 10.0
# For clocks and a shared machine.
SLACK = 0.3


def prepared(soak, port=None):
    cluster = soak.cluster().make()
    cluster.psql("CREATE DATABASE soak")
    return cluster, soak.place(url=cluster.url("soak", port)).prepare()


def longest(load, since):
    """How long the slowest request took that was under way at this time or came after it."""
    return max((end - began for began, end, _ in load.times if end >= since), default=0.0)


def control(soak):
    """A service that keeps everybody waiting: ours, stopped for as long as is too long."""
    _, place = prepared(soak)
    server, ledger = place.serve(), soak.ledger()
    with Load(server.port, ledger, clients=2, pause=0.05) as load:
        time.sleep(0.5)
        since = time.monotonic()
        os.kill(server.process.pid, signal.SIGSTOP)
        time.sleep(REFUSED + 1)
        os.kill(server.process.pid, signal.SIGCONT)
        time.sleep(0.5)
    if longest(load, since) <= REFUSED + SLACK:
        raise Fault("control: requests that wait for too long are not seen")
    return f"a service that hangs: a wait of {longest(load, since):.1f} s is seen"


def until_taken(port, ledger, limit):
    """Seconds until a complaint is taken."""
    began = time.monotonic()
    while time.monotonic() < began + limit:
        if ledger.send(Client(port, timeout=10), uuid.uuid4().hex, "complaint") == 201:
            return time.monotonic() - began
        time.sleep(0.02)
    return limit


def run(soak, result):
    killed(soak, result)
    stopped(soak, result)
    vanished(soak, result)


def killed(soak, result):
    cluster, place = prepared(soak)
    server, ledger, back = place.serve(), soak.ledger(), []
    for round in range(soak.rounds(10, 1)):
        with Load(server.port, ledger, clients=4, timeout=10) as load:
            time.sleep(1)
            cluster.kill()
            time.sleep(0.3)
            cluster.start()
            back.append(until_taken(server.port, ledger, 20))
        result.add(settle(server, ledger))
        result.rounds += 1
        soak.log(f"database: killed {round + 1}: {load.statuses[201]} acknowledged, back in {back[-1]:.2f} s")
    result.acknowledged += len(ledger)
    result.need(max(back) <= BACK, f"killed: back after {max(back):.1f} s")
    result.note(f"killed: back {seconds(back)}")


def stopped(soak, result):
    cluster, place = prepared(soak)
    server, ledger = place.serve(), soak.ledger()
    with (
        Watch(soak, server.port, "/health/live") as watch,
        Load(server.port, ledger, clients=10, pause=0.5, timeout=60) as load,
    ):
        time.sleep(2)
        cluster.signal(signal.SIGSTOP)
        since = time.monotonic()
        time.sleep(soak.rounds(20, 6))
        cluster.signal(signal.SIGCONT)
        back = until_taken(server.port, ledger, 20)
        time.sleep(1)
    judge(result, "stopped", load, since, REFUSED + SLACK, back, BACK)
    result.need(watch.worst() <= LIVE, f"stopped: liveness took {watch.worst():.3f} s")
    result.add(settle(server, ledger), len(ledger))
    result.note(f"liveness at most {watch.worst() * 1000:.0f} ms")


def vanished(soak, result):
    cluster = soak.cluster().make()
    relay = Relay(cluster.port)
    soak.at_end(relay.close)
    cluster.psql("CREATE DATABASE soak")
    place = soak.place(url=cluster.url("soak", relay.port)).prepare()
    server, ledger = place.serve(), soak.ledger()
    with Load(server.port, ledger, clients=8, timeout=60) as load:
        time.sleep(2)
        since = time.monotonic()
        relay.vanish()
        back = until_taken(server.port, ledger, 30)
        time.sleep(5)
    judge(result, "vanished", load, since, VANISHED + SLACK, back, NEW_HOST)
    result.add(settle(server, ledger), len(ledger))
    server.stop()


def judge(result, what, load, since, limit, back, back_limit):
    waited = longest(load, since)
    result.rounds += 1
    result.need(waited <= limit, f"{what}: a request waited for {waited:.1f} s")
    result.need(back <= back_limit, f"{what}: back after {back:.1f} s")
    result.need(not load.statuses[0], f"{what}: {load.statuses[0]} requests were not answered")
    others = {status: times for status, times in load.statuses.items() if status not in (0, 201, 503)}
    result.need(not others, f"{what}: other answers: {others}")
    result.note(f"{what}: waited at most {waited:.2f} s, back in {back:.2f} s, {load.statuses[503]} refused")
