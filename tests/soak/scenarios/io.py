"""One call to the disk fails, the first, the second, and so on, through a creation, a transition and an upload, as SQLite tests itself.

After each, the request was refused and nothing of it is kept, or it was acknowledged and is there. Then an ordinary refused write, and
ten writes, which must be there now and after the restart at the end of the series.
"""

import os
import uuid
from pathlib import Path

from faults import ALL, Faults
from ledger import again, look, settle, total
from service import Fault, Unanswered

# Calls that one request may make: beyond it something else is wrong.
MOST = 400
PATCH = "application/merge-patch+json"
# Which calls fail, how, and how many of them; the last in the long form alone.
SERIES = [("write", "EIO", 1), ("fsync,truncate,rename", "EIO", 1), ("write", "ENOSPC", ALL), ("write", "ENOSPC", 1)]


def control(soak):
    """A disk that loses what was synced: the end of the log of writes, which SQLite has not copied into its file yet."""
    place = soak.place().prepare()
    server, ledger, log = place.serve(), soak.ledger(), Path(f"{place.sqlite}-wal")
    client, size = server.client(), log.stat().st_size
    acknowledged = sum(ledger.send(client, uuid.uuid4().hex, "complaint") == 201 for _ in range(5))
    server.kill()
    os.truncate(log, size)
    found = look(place.serve().port, ledger.mark())
    if acknowledged != 5 or found.lost != acknowledged:
        raise Fault(f"control: of {acknowledged} complaints that a disk has lost, {found.lost} are found missing")
    return f"a disk that loses what it has synced: {found.lost} of {acknowledged} found missing"


class Series:
    """A process whose disk fails in one way."""

    def __init__(self, soak, result, calls, errno, count):
        self.soak, self.result, self.count, self.name = (
            soak,
            result,
            count,
            f"{calls} {errno}{' and on' if count == ALL else ''}",
        )
        self.place, self.ledger = soak.place().prepare(), soak.ledger()
        self.faults = Faults(soak, [self.place.sqlite, self.place.attachments], calls, errno)
        self.server = self.place.serve(env=self.faults.env)
        self.officer, self.client = self.server.client("complaint_officer", timeout=20), self.server.client(timeout=20)
        self.hit = self.refused = 0

    def run(self):
        try:
            for prepare in (creation, transition, upload):
                self.through(prepare)
        except Fault as fault:
            # What was lost until then is to be known as well.
            self.result.fault(f"{self.name}: {fault}")
        self.server.kill()
        self.server = self.place.serve()
        self.result.add(settle(self.server, self.ledger), len(self.ledger))

    def through(self, prepare):
        for nth in range(1, MOST, self.soak.rounds(1, 7)):
            if self.once(prepare, nth) < nth:
                self.soak.log(f"io: {self.name}, {prepare.__name__}: tried up to call {nth}")
                return
        raise Fault(f"{prepare.__name__} makes more than {MOST} calls to the disk")

    def once(self, prepare, nth):
        """How many calls were seen while the nth failed, or would have."""
        act, check = prepare(self)
        self.faults.arm(nth, self.count)
        try:
            status = act()
        finally:
            seen = self.faults.disarm()
        where = f"{self.name}, {prepare.__name__}, call {nth}, answered with {status}"
        self.result.rounds += 1
        self.hit += seen >= nth
        self.refused += status not in (200, 201)
        check(status, where)
        self.go_on(where)
        return seen

    def go_on(self, where):
        """An ordinary refused write, and ten writes: all of them as if nothing had been."""
        stale = ask(
            self.officer,
            "PATCH",
            f"/v1/complaints/{self.case()['id']}",
            {"on_hold": True},
            kind=PATCH,
            If_Match='"0.0"',
        )
        self.result.need(stale == 412, f"{where}: a stale If-Match after it was answered with {stale}")
        statuses = [self.ledger.send(self.client, uuid.uuid4().hex, "complaint") for _ in range(10)]
        self.result.need(statuses == [201] * 10, f"{where}: ten writes after it were answered with {statuses}")
        counted, acknowledged = total(self.server), len(self.ledger.complaints)
        self.result.need(
            counted == acknowledged, f"{where}: {counted} complaints are counted, {acknowledged} were acknowledged"
        )

    def case(self):
        """The newest complaint, as the office sees it."""
        listed = (
            again(lambda: self.officer.ask("GET", "/v1/complaints?limit=1&sort=-received_at")).need(200).json()["items"]
        )
        if listed:
            return listed[0]
        self.report()
        return self.case()

    def report(self):
        """A complaint of before the disk fails; its receipt."""
        key = uuid.uuid4().hex
        if self.ledger.send(self.client, key, "complaint") != 201:
            raise Fault(f"{self.name}: a complaint is not taken while the disk has no fault")
        return self.ledger.receipts[key]


# Each prepares a request, and gives what sends it while the disk fails and what looks at the outcome afterwards.


def creation(series):
    key = uuid.uuid4().hex

    def check(_, __):
        # Refused means that nothing is kept: the count that follows must not have it.
        series.ledger.refused(key)

    return lambda: series.ledger.send(series.client, key, "complaint"), check


def transition(series):
    series.report()
    path = f"/v1/complaints/{series.case()['id']}"

    def check(status, where):
        now = again(lambda: series.officer.ask("GET", path)).need(200).json()["status"]
        series.result.need((status == 200) == (now == "accepted"), f"{where}: the complaint is {now}")

    return lambda: ask(series.officer, "POST", f"{path}/transitions", {"action": "accept"}), check


def upload(series):
    receipt, key = series.report(), uuid.uuid4().hex
    content = f"evidence {key}\n".encode() * 4000

    def check(status, where):
        series.ledger.refused(key)
        attached = again(lambda: series.client.look_up(receipt)).need(200).json()["attachments"]
        series.result.need(len(attached) == (status == 201), f"{where}: {len(attached)} files are attached")
        for file in attached:
            got = again(lambda: series.client.download(receipt, file["id"]))
            series.result.need(
                (got.status, got.body) == (200, content), f"{where}: its download is answered with {got.status}"
            )

    return lambda: series.ledger.send(series.client, key, "file", receipt, content), check


def ask(client, *arguments, **options):
    """The status of an answer; 0 where there is none."""
    try:
        return client.ask(*arguments, **options).status
    except Unanswered:
        return 0


def run(soak, result):
    for calls, errno, count in SERIES[: soak.rounds(4, 3)]:
        series = Series(soak, result, calls, errno, count)
        series.run()
        result.note(f"{series.name}: {series.hit} faults, {series.refused} refused")
