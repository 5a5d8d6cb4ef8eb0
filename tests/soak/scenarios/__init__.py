"""The scenarios, in the order in which they run."""

import importlib
from dataclasses import dataclass
from types import ModuleType

SQLITE, POSTGRES = ("sqlite",), ("postgres",)
BOTH = SQLITE + POSTGRES


@dataclass
class Scenario:
    title: str
    databases: tuple
    short: bool
    module: ModuleType

    @property
    def label(self):
        return "SQLite" if self.databases == SQLITE else "PostgreSQL"

    def run(self, soak, result):
        self.module.run(soak, result)

    def control(self, soak):
        """Shows that a broken variant is caught, and says which."""
        return self.module.control(soak)


def scenario(name, title, databases, *, short=False):
    return name, Scenario(title, databases, short, importlib.import_module(f"scenarios.{name}"))


SCENARIOS = dict(
    [
        scenario("io", "every n-th write, fsync, truncation and rename fails in turn", SQLITE, short=True),
        scenario("kill", "kill -9 under load", BOTH, short=True),
        scenario("power", "power cut under load, on a loop device", SQLITE),
        scenario("full", "disk full under load, and freed", SQLITE),
        scenario("floor", "little space left for files", BOTH, short=True),
        scenario("database", "PostgreSQL killed, stopped, and vanished without a word", POSTGRES),
        scenario("failover", "a synchronous standby takes over from a killed primary", POSTGRES),
        scenario("overload", "two and five times what the service can do", BOTH),
        scenario("slow", "slow heads, slow bodies, unread downloads", SQLITE),
        scenario("sigterm", "SIGTERM while requests are on their way", BOTH, short=True),
        scenario("races", "retries and changes of two processes at once", BOTH, short=True),
        scenario("migration", "migrate killed at any moment, and twice at once", BOTH, short=True),
        scenario("backup", "backup under load, verified, restored", BOTH, short=True),
        scenario("restore", "an older copy of the database, acknowledged", BOTH, short=True),
        scenario("clock", "11 years ahead, two days behind", BOTH, short=True),
        scenario("files", "another database under the same files", BOTH, short=True),
    ]
)
