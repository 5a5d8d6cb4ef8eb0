"""Two processes on one database: retries with one key are done once, and of many that change one state one wins."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from ledger import again, settle, total
from service import Client, Fault, Unanswered

SENDERS = 10
PATCH = "application/merge-patch+json"


def together(senders, act):
    """What each of so many threads got, all of which began at once."""
    begin = threading.Barrier(senders, timeout=30)

    def one(number):
        begin.wait()
        return act(number)

    with ThreadPoolExecutor(senders) as pool:
        return list(pool.map(one, range(senders)))


def control(soak):
    """Senders without a common key, and changes that match any state: both are done as often as they are sent."""
    place = soak.place().prepare()
    servers = [place.serve(), place.serve()]
    statuses = together(SENDERS, lambda number: Client(servers[number % 2].port).complain().status)
    records = total(servers[0])
    won = race(servers, "*", 10)[200]
    if records < 2 or won < 2 or statuses.count(201) != records:
        raise Fault(f"control: {records} records and {won} changes where all should be done")
    return f"without keys {records} records of {SENDERS} senders, without states {won} of 10 changes"


def case(server):
    officer = server.client("complaint_officer")
    return again(lambda: officer.ask("GET", "/v1/complaints?limit=1")).need(200).json()["items"][0]["id"]


def race(servers, match, senders):
    """Statuses of PATCHes that are sent at once to both processes; `match` is an If-Match, or None for the state as it is now."""
    path = f"/v1/complaints/{case(servers[0])}"
    state = again(lambda: servers[0].client("complaint_officer").ask("GET", path)).need(200)
    etag = match or state.headers["etag"]
    clients = [server.client("complaint_officer", timeout=60) for server in servers for _ in range(senders // 2)]

    def change(number):
        for _ in range(20):
            try:
                wanted = {"on_hold": not state.json()["on_hold"]}
                status = clients[number].ask("PATCH", path, wanted, kind=PATCH, If_Match=etag).status
            except Unanswered:
                return 0
            if status != 503:
                return status
        return 503

    return Counter(together(len(clients), change))


def run(soak, result):
    place, ledger = soak.place().prepare(), soak.ledger()
    servers = [place.serve(), place.serve()]
    retries(soak, result, servers, ledger)
    changes(soak, result, servers)
    result.add(settle(servers[0], ledger), len(ledger))


def retries(soak, result, servers, ledger):
    keys = soak.rounds(100, 10)
    for _ in range(keys):
        key = uuid.uuid4().hex
        together(SENDERS, lambda number: ledger.send(Client(servers[number % 2].port), key, "complaint"))
    ledger.retry(servers[1].port)
    records, receipts = total(servers[0]), len(ledger.complaints)
    result.rounds += keys
    result.doubled += max(0, records - keys)
    result.need(records == receipts == keys, f"{keys} keys gave {records} records and {receipts} receipts")
    result.note(f"{keys} keys, {SENDERS} senders each: {records} records")
    replayed = [servers[number % 2].client().complain(key) for number, key in enumerate(ledger.receipts)]
    same = sum(
        answer.status == 201 and answer.json()["receipt"] == receipt
        for answer, receipt in zip(replayed, ledger.receipts.values())
    )
    result.need(same == keys, f"of {keys} receipts {same} are given again for their key")
    soak.log(f"races: {records} records of {keys} keys")


def changes(soak, result, servers):
    senders, won = soak.rounds(200, 20), []
    for _ in range(soak.rounds(10, 2)):
        statuses = race(servers, None, senders)
        won.append(statuses[200])
        result.rounds += 1
        result.need(
            # Beyond the bound of what may wait, the answer is 503.
            statuses[200] == 1 and not statuses.keys() - {200, 412, 503},
            f"{senders} changes of one state were answered with {dict(statuses)}",
        )
    result.note(f"{senders} PATCHes of one state, {len(won)} times: {max(won)} won at most")
    soak.log(f"races: winners of {senders}: {won}")
