"""What was acknowledged, written to another file system the moment its answer arrives, and held against the service afterwards."""

import datetime
import json
import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from service import Client, Fault, Unanswered

# A lookup takes 200 ms, whatever it finds.
LOOKUPS, RETRIES = 48, 8


class Ledger:
    def __init__(self, file):
        self.file = open(file, "ab", buffering=0)
        self.lock = threading.Lock()
        self.complaints, self.files, self.receipts = {}, {}, {}
        # Requests without a final answer: they may have been done.
        self.open = {}

    def asked(self, key, kind, receipt=None, content=None):
        with self.lock:
            self.open[key] = (kind, receipt, content)

    def complaint(self, key, receipt):
        self._keep({"complaint": receipt, "key": key})
        with self.lock:
            self.complaints[receipt], self.receipts[key] = key, receipt
            self.open.pop(key, None)

    def attached(self, key, receipt, sha256, id):
        self._keep({"file": sha256, "of": receipt, "key": key})
        with self.lock:
            self.files[receipt, sha256] = (key, id)
            self.open.pop(key, None)

    def refused(self, key):
        with self.lock:
            self.open.pop(key, None)

    def _keep(self, line):
        line = json.dumps(line).encode() + b"\n"
        # A single write, so that lines of two threads do not mix; the file system is memory, which a kill does not touch.
        os.write(self.file.fileno(), line)

    def mark(self):
        """What is acknowledged now."""
        with self.lock:
            return dict(self.complaints), dict(self.files)

    def __len__(self):
        return len(self.complaints) + len(self.files)

    def send(self, client, key, kind, receipt=None, content=None):
        """Sends it and writes down how it was answered; the status, or 0 where there was no answer."""
        self.asked(key, kind, receipt, content)
        try:
            answer = client.complain(key) if kind == "complaint" else client.attach(receipt, content, key)
        except Unanswered:
            return 0
        if answer.status == 201:
            found = answer.json()
            if kind == "complaint":
                self.complaint(key, found["receipt"])
            else:
                self.attached(key, receipt, found["sha256"], found["id"])
        elif answer.status < 500 and not (
            answer.status == 409 and answer.json()["code"] == "idempotency_key_in_progress"
        ):
            # What is refused is not kept; 503 may stand for a write that goes on.
            self.refused(key)
        return answer.status

    def retry(self, port, seconds=60):
        """Sends again, with the same keys, whatever has no final answer."""
        end = time.monotonic() + seconds

        def one(key):
            client, (kind, receipt, content) = Client(port), self.open[key]
            while key in self.open and time.monotonic() < end:
                if self.send(client, key, kind, receipt, content) != 201:
                    time.sleep(0.1)
            client.close()

        with ThreadPoolExecutor(RETRIES) as pool:
            list(pool.map(one, list(self.open)))
        if self.open:
            raise Fault(f"{len(self.open)} retries are not answered within {seconds} s")


class Found:
    """How the service stands to what was acknowledged."""

    def __init__(self):
        self.lost, self.doubled, self.faults = 0, 0, []

    def add(self, lost, doubled, faults):
        self.lost += lost
        self.doubled += doubled
        self.faults += faults


def look(port, marked, download=False):
    """Looks each acknowledged complaint up by its receipt, and each file by its SHA-256: each must be there exactly once."""
    complaints, files = marked
    found, wanted = Found(), {receipt: [] for receipt in complaints}
    for receipt, sha256 in files:
        wanted.setdefault(receipt, []).append(sha256)
    local = threading.local()

    def one(receipt):
        client = local.client = getattr(local, "client", None) or Client(port)
        answer = again(lambda: client.look_up(receipt))
        if answer.status == 404:
            return 1 + len(wanted[receipt]), 0, [f"a complaint is gone, with {len(wanted[receipt])} files"]
        attached = answer.need(200).json()["attachments"]
        count = Counter(file["sha256"] for file in attached)
        lost = [sha256 for sha256 in wanted[receipt] if not count[sha256]]
        faults = [f"a file of an acknowledged complaint is gone: {sha256[:12]}" for sha256 in lost]
        for file in attached if download else ():
            if file["sha256"] in wanted[receipt]:
                status = again(lambda: client.download(receipt, file["id"])).status
                if status != 200:
                    lost.append(file["sha256"])
                    faults.append(f"a file is listed and cannot be downloaded: {status}")
        return len(lost), sum(count[sha256] - 1 for sha256 in set(wanted[receipt]) if count[sha256]), faults

    with ThreadPoolExecutor(LOOKUPS) as pool:
        for result in pool.map(one, wanted):
            found.add(*result)
    return found


def again(ask, seconds=20):
    """An answer that is not "come back later"."""
    end = time.monotonic() + seconds
    while True:
        answer = None
        try:
            answer = ask()
        except Unanswered:
            pass
        if answer and answer.status not in (429, 503):
            return answer
        if time.monotonic() > end:
            raise Fault(f"no answer within {seconds} s but {answer and answer.status}")
        time.sleep(0.05)


def total(server):
    """Complaints of this fiscal year, as an auditor counts them: exact, and of now."""
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7)))
    year = today.year + 543 + (today.month >= 10)

    def counted():
        figures = again(lambda: server.client("auditor").ask("GET", f"/v1/statistics/complaints?fiscal_year={year}"))
        return figures.need(200).json()["current"]["total"]

    count = counted()
    if count is None:
        # Nothing is counted before the agency says from which day it records.
        first = f"{year - 544}-10-01"
        change = {"recorded_from": {"integrity": first, "general": first}}
        again(lambda: server.client("admin").ask("PATCH", "/v1/agency", change, If_Match="*")).need(200)
        count = counted()
    return count


def settle(server, ledger, marked=None, found=None):
    """All that is held after a recovery: every acknowledged one is there, retries are done once, the counts and the log are right."""
    found = found or Found()
    counted, acknowledged = total(server), len(ledger.complaints)
    unanswered = sum(kind == "complaint" for kind, _, _ in ledger.open.values())
    if not acknowledged <= counted <= acknowledged + unanswered:
        found.add(
            0, 0, [f"{counted} complaints are counted, with {acknowledged} acknowledged and {unanswered} unanswered"]
        )
    ledger.retry(server.port)
    looked = look(server.port, marked or ledger.mark())
    found.add(looked.lost, looked.doubled, looked.faults)
    more = total(server) - len(ledger.complaints)
    if more:
        found.add(0, max(0, more), [f"after the retries, {more} complaints more are counted than were acknowledged"])
    server.place.export()
    return found
