"""Clients that send complaints and files without a pause, until they are stopped."""

import random
import threading
import time
import uuid
from collections import Counter

from service import Client


class Load:
    """`with Load(server.port, ledger):` sends for as long as the block lasts."""

    def __init__(self, port, ledger, clients=8, files=0.3, pause=0.0, timeout=30):
        self.port, self.ledger, self.files, self.pause, self.timeout = port, ledger, files, pause, timeout
        self.statuses, self.times, self.ended = Counter(), [], threading.Event()
        self.threads = [threading.Thread(target=self._send, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join(self.timeout + 10)

    def _send(self):
        client, receipt = Client(self.port, timeout=self.timeout), None
        while not self.ended.is_set():
            key, kind, content = uuid.uuid4().hex, "complaint", None
            if receipt and random.random() < self.files:
                kind, content = "file", f"evidence {uuid.uuid4().hex}\n".encode() * random.choice([1, 20, 3000])
            began = time.monotonic()
            status = self.ledger.send(client, key, kind, receipt, content)
            self.times.append((began, time.monotonic(), status))
            self.statuses[status] += 1
            if status == 201 and kind == "complaint":
                receipt = self.ledger.receipts[key]
            elif status == 201:
                receipt = None
            elif status in (0, 503):
                self.ended.wait(0.05)
            if self.pause:
                self.ended.wait(self.pause)
