"""What every scenario of a run shares: the program under test, folders, PostgreSQL, what must be ended, and the table of results."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from ledger import Ledger, look
from postgres import Cluster, Databases
from service import Fault, Place


class Skipped(Exception):
    """The scenario cannot run here; the text says why."""


class Result:
    """A row of the table."""

    def __init__(self, scenario, database):
        self.scenario, self.database = scenario, database
        self.rounds = self.acknowledged = self.lost = self.doubled = 0
        self.notes, self.faults, self.control, self.seconds, self.skipped = [], Counter(), None, 0.0, None

    def add(self, found, acknowledged=0):
        self.lost += found.lost
        self.doubled += found.doubled
        self.acknowledged += acknowledged
        for fault in found.faults:
            self.fault(fault)

    def fault(self, text):
        self.faults[text] += 1

    def need(self, condition, text):
        if not condition:
            self.fault(text)

    def note(self, text):
        self.notes.append(text)

    @property
    def passed(self):
        return not (self.faults or self.lost or self.doubled) and bool(self.control)

    @property
    def verdict(self):
        return "skipped" if self.skipped else "passed" if self.passed else "FAILED"


class Soak:
    def __init__(self, options):
        self.binary, self.short = Path(options.binary).resolve(), options.short
        # The acknowledgements lie on another file system than what is tested.
        self.folder = Path(tempfile.mkdtemp(prefix="prongsai-soak-", dir=options.folder)).resolve()
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.memory = Path(tempfile.mkdtemp(prefix="prongsai-soak-", dir=memory))
        self.processes, self.ends, self.count, self.lock = [], [], 0, threading.Lock()
        self.database, self.databases = "sqlite", None
        help = subprocess.run([self.binary, "serve", "--help"], capture_output=True, text=True, check=True, timeout=30)
        self.drains = "--drain-seconds" in help.stdout

    def number(self):
        with self.lock:
            self.count += 1
            return self.count

    def rounds(self, long, short):
        return short if self.short else long

    def log(self, text):
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

    def started(self, process):
        self.processes.append(process)

    def at_end(self, end):
        self.ends.append(end)

    def ledger(self):
        return Ledger(self.memory / f"acknowledged-{self.number()}.jsonl")

    def place(self, folder=None, keys=None, url=None):
        """A new deployment on the scenario's database, not migrated yet."""
        folder = folder or self.folder / f"place-{self.number()}"
        if self.database == "postgres" and url is None:
            if self.databases is None:
                self.databases = Databases(self)
            url = self.databases.make(f"soak{self.number()}")
        return Place(self, folder, url, keys)

    def cluster(self, **settings):
        """A PostgreSQL cluster of the scenario's own, to be killed and stopped."""
        cluster = Cluster(self, self.folder / f"cluster-{self.number()}", **settings)
        self.at_end(cluster.end)
        return cluster

    def release(self):
        """Ends everything that a scenario has left behind."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.processes.clear()
        while self.ends:
            try:
                self.ends.pop()()
            except (OSError, subprocess.SubprocessError) as error:
                self.log(f"cleaning up: {error}")
        for file in self.folder.iterdir():
            if self.databases is None or file != self.databases.folder:
                shutil.rmtree(file, ignore_errors=True) if file.is_dir() else file.unlink()

    def close(self):
        self.release()
        if self.databases:
            self.databases.end()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.memory, ignore_errors=True)


def invented(server, ledger):
    """The broken variant of any service that acknowledges before it commits: an id in the ledger that the service never kept."""
    marked = ledger.mark()
    marked[0]["0000-0000-0000-0000-0000-0000-000"] = "never sent"
    if look(server.port, marked).lost != 1:
        raise Fault("control: an acknowledged complaint that was never kept is not found missing")
    return "an invented receipt is found missing"
