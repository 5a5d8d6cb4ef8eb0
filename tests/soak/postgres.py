"""PostgreSQL: databases to be filled, and clusters that are killed, stopped and replicated. Never as root: for root they are nobody's."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from service import ROOT, Fault, free_port


def programs():
    """The folder of PostgreSQL's programs; installs the package where that is allowed."""

    def found():
        return sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: float(bin.parent.name))

    if not found():
        subprocess.run([ROOT / "tests/need.sh", "/usr/lib/postgresql", "postgresql"], check=True, timeout=600)
    return found()[-1]


def as_nobody():
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


class Cluster:
    """A cluster in a folder, on a free loopback port, with fsync on."""

    def __init__(self, soak, folder, **settings):
        self.soak, self.folder, self.data, self.port = soak, folder, folder / "data", free_port()
        self.bin, self.settings, self.process = programs(), settings, None
        folder.mkdir()
        for place in (soak.folder, folder):
            place.chmod(0o755)
        if as_nobody():
            shutil.chown(folder, "nobody", "nogroup")

    def make(self):
        self.run(
            "initdb", "-D", self.data, "-U", "prongsai", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
        )
        return self.start()

    def follow(self, primary, name="standby"):
        """As a streaming standby of another."""
        source = f"host=127.0.0.1 port={primary.port} user=prongsai application_name={name}"
        self.run("pg_basebackup", "-D", self.data, "-d", source, "-R", "-X", "stream", "-c", "fast")
        return self.start()

    def run(self, program, *arguments, timeout=120):
        command = [*as_nobody(), self.bin / program, *arguments]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=timeout, cwd="/")
        if done.returncode:
            log = self.folder / "log"
            more = log.read_text(errors="replace")[-500:] if log.exists() else ""
            raise Fault(f"{program}: {done.stderr[-500:]} {more}")
        return done.stdout

    def start(self):
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            # Beside its data, where nothing is left of a cluster that was killed.
            "dynamic_shared_memory_type": "mmap",
            "max_connections": 300,
        }
        options = [part for name, value in (settings | self.settings).items() for part in ("-c", f"{name}={value}")]
        command = [*as_nobody(), self.bin / "postgres", "-D", self.data, *options]
        with open(self.folder / "log", "ab") as log:
            # A child of ours, so that its process is really gone once it is killed.
            self.process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
            )
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.psql("SELECT 1")
                return self
            except Fault:
                time.sleep(0.05)
        raise Fault(f"PostgreSQL does not start: {(self.folder / 'log').read_text(errors='replace')[-800:]}")

    def url(self, name="postgres", port=None):
        return f"postgres://prongsai@127.0.0.1:{port or self.port}/{name}"

    def psql(self, sql, name="postgres"):
        return self.run(
            "psql", self.url(name), "--quiet", "--no-align", "--tuples-only", "-v", "ON_ERROR_STOP=1", "-c", sql
        )

    def processes(self):
        """The postmaster's process and those of its children, the postmaster first."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        children = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == postmaster:
                children.append(int(stat.parent.name))
        return [postmaster, *children]

    def signal(self, number):
        pids = self.processes()
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        return pids

    def kill(self):
        """All of its processes at once, as the power does; returns when the last is gone."""
        pids = self.signal(signal.SIGKILL)
        self.process.wait(10)
        end = time.monotonic() + 10
        while any(alive(pid) for pid in pids):
            if time.monotonic() > end:
                raise Fault("PostgreSQL's processes do not end")
            time.sleep(0.01)

    def end(self):
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            # SIGQUIT: at once, with all of its children.
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Databases:
    """Databases, each to be filled by one deployment: in the cluster of DATABASE_URL (see tests/postgres.sh), or in one of this run's own."""

    def __init__(self, soak):
        self.given, self.own = os.environ.get("DATABASE_URL", ""), None
        if not self.given.startswith("postgres"):
            self.own = Cluster(soak, soak.folder / "postgres").make()
            self.given = self.own.url()
        self.folder, self.bin = self.own and self.own.folder, programs()

    def make(self, name):
        self.psql(f"CREATE DATABASE {name}")
        return urlsplit(self.given)._replace(path=f"/{name}").geturl()

    def psql(self, sql, url=None):
        command = [
            self.bin / "psql",
            url or self.given,
            "--quiet",
            "--no-align",
            "--tuples-only",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise Fault(f"psql: {done.stderr[-500:]}")
        return done.stdout

    def end(self):
        if self.own:
            self.own.end()
