"""A standby takes over from a primary that is killed: what was acknowledged with synchronous_commit is on it."""

import time

from ledger import look, settle
from load import Load
from service import Fault
from table import seconds


def pair(soak, names):
    """A primary that waits for the standbys of these names, a standby that follows it, and a deployment on the primary."""
    settings = {"synchronous_commit": "on"}
    primary = soak.cluster(**settings).make()
    standby = soak.cluster(**settings).follow(primary)
    primary.psql("CREATE DATABASE soak")
    place = soak.place(url=primary.url("soak")).prepare()
    # The promoted one must not wait for another, so it is not in the file that both have.
    primary.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    primary.psql("SELECT pg_reload_conf()")
    return primary, standby, place


def promote(standby):
    standby.run("pg_ctl", "-D", standby.data, "-w", "-t", "60", "promote")


def control(soak):
    """A standby that the primary does not wait for, and that has lost its connection."""
    primary, standby, place = pair(soak, "")
    server, ledger = place.serve(), soak.ledger()
    standby.psql("ALTER SYSTEM SET primary_conninfo = ''")
    standby.psql("SELECT pg_reload_conf()")
    time.sleep(0.5)
    with Load(server.port, ledger, clients=4, files=0, timeout=10):
        time.sleep(1)
    server.kill()
    primary.kill()
    promote(standby)
    place.database_url = standby.url("soak")
    lost = look(place.serve().port, ledger.mark()).lost
    if not lost:
        raise Fault(f"control: an asynchronous standby without a connection lost none of {len(ledger)}")
    return f"an asynchronous standby: {lost} of {len(ledger)} lost"


def run(soak, result):
    times = []
    for round in range(soak.rounds(3, 1)):
        primary, standby, place = pair(soak, "standby")
        server, ledger = place.serve(), soak.ledger()
        with Load(server.port, ledger, clients=8, timeout=5):
            time.sleep(2)
            primary.kill()
            began = time.monotonic()
        server.kill()
        promote(standby)
        place.database_url = standby.url("soak")
        server = place.serve()
        times.append(time.monotonic() - began)
        result.add(settle(server, ledger), len(ledger))
        result.rounds += 1
        soak.log(
            f"failover: round {round + 1}: {len(ledger)} acknowledged, serving again {times[-1]:.1f} s after the kill"
        )
        soak.release()
    result.note(f"from the kill to serving again, by restart: {seconds(times)}")
