"""The real service: a deployment (keys, database, attachments), its process, and clients that ask it."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPEN = ["reads", "writes", "complaints", "logins", "requests"]
# What files may take; the disks of some scenarios are small.
FILES = ["--attachments-mib-per-case", "--attachments-mib-per-day", "--unhandled-attachments-mib", "--free-disk-mib"]


class Fault(Exception):
    """Something is not as promised."""


class Unanswered(Exception):
    """The connection ended, or the time was over, before there was a whole answer."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def form(fields, name, content):
    """The media type and the body of a form with a file (RFC 7578)."""
    line = uuid.uuid4().hex
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    parts.append(f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
    return f"multipart/form-data; boundary={line}", "".join(parts).encode() + content + f"\r\n--{line}--\r\n".encode()


class Answer:
    """Names of headers are lower case."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def need(self, *statuses):
        if self.status not in statuses:
            raise Fault(f"answered with {self.status}, not {statuses}: {self.body.decode(errors='replace')[:300]}")
        return self


class Client:
    """A connection that is kept, and opened again where it was closed."""

    def __init__(self, port, token=None, timeout=30):
        self.port, self.token, self.timeout, self.connection = port, token, timeout, None
        # Each is somebody else: an address uploads few files at a time.
        self.address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"

    def ask(self, method, path, value=None, *, body=None, kind="application/json", **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        headers["X-Forwarded-For"] = self.address
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if value is not None:
            body = json.dumps(value, ensure_ascii=False).encode()
        if body is not None:
            headers["Content-Type"] = kind
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            headers = {name.lower(): text for name, text in answer.headers.items()}
            return Answer(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(repr(error)) from error

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def complain(self, key=None):
        return self.ask("POST", "/v1/complaints", COMPLAINT, Idempotency_Key=key or uuid.uuid4().hex)

    def attach(self, receipt, content, key=None):
        kind, body = form({"receipt": receipt}, "evidence.txt", content)
        address = "/v1/complaints/lookup/attachments"
        return self.ask("POST", address, body=body, kind=kind, Idempotency_Key=key or uuid.uuid4().hex)

    def look_up(self, receipt):
        return self.ask("POST", "/v1/complaints/lookup", {"receipt": receipt})

    def download(self, receipt, id):
        return self.ask("POST", "/v1/complaints/lookup/attachments/download", {"receipt": receipt, "id": id})


COMPLAINT = {
    "kind": "corruption",
    "category": "bribery",
    "subject": "เรียกรับเงินค่าอนุญาต",
    "description": "เจ้าหน้าที่เรียกรับเงินสองพันบาทเพื่อให้คำขออนุญาตผ่านเร็วขึ้น " * 5,
}


class Place:
    """A deployment: its keys, its database and its attachments. Commands run on it, and processes serve it."""

    def __init__(self, soak, folder, database_url=None, keys=None):
        self.soak, self.folder = soak, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database_url = database_url or f"sqlite:{self.folder}/prongsai.db"
        self.attachments = self.folder / "attachments"
        self.keys = keys or self._make_keys()
        self.servers, self.tokens = [], {}
        # Logs and what an auditor keeps: elsewhere than what is tested.
        self.memory = soak.memory / f"place-{soak.number()}"
        self.memory.mkdir()

    def _make_keys(self):
        keys = {name: self.folder / name for name in ("signing", "audit", "content")}
        for name, file in keys.items():
            self.command("keygen", "content" if name == "content" else "signing", file)
        return keys

    @property
    def sqlite(self):
        """The database's file, where it is SQLite."""
        return Path(self.database_url.removeprefix("sqlite:"))

    def database(self):
        return ["--database-url", self.database_url]

    def command(self, *arguments, status=0, timeout=120, env=None):
        """What a command prints; it must end with this status, where one is given."""
        command = [str(part) for part in (self.soak.binary, *arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env=os.environ | (env or {}), cwd=self.folder
        )
        if status is not None and done.returncode != status:
            raise Fault(
                f"{' '.join(command[1:])[:200]}: ended with {done.returncode}: {(done.stderr or done.stdout)[-500:]}"
            )
        return done if status is None else done.stdout

    def prepare(self):
        """Makes the database ready to take complaints."""
        self.command("migrate", *self.database())
        self.command("import", "complaint-categories", ROOT / "data/reference.json", *self.database())
        return self

    def token(self, role):
        """Of now; a token is good for a day."""
        if role not in self.tokens:
            issue = ["token", "issue", "--role", role, "--ttl", "1d", "--signing-key", self.keys["signing"]]
            self.tokens[role] = self.command(*issue).strip()
        return self.tokens[role]

    def serve(self, *flags, env=None, until="/health/ready", core=None):
        server = Server(self, flags, env or {}, until, core)
        self.servers.append(server)
        return server

    def close(self):
        for server in self.servers:
            server.kill()

    def export(self):
        """The audit log's file, verified, and held against the checkpoint that was kept at the last export."""
        export = self.memory / "export.jsonl"
        export.write_text(self.command("audit", "export", "--audit-key", self.keys["audit"], *self.database()))
        key = self.command("audit", "key", "--audit-key", self.keys["audit"]).strip()
        since = self.memory / "checkpoint"
        self.command("audit", "verify", export, "--key", key, *(["--since", since] if since.exists() else []))
        since.write_text(json.loads(export.read_text().splitlines()[-1])["note"])
        return export


def with_keys(place):
    """With copies of the keys, as on another machine: beside them there are no checkpoints of the log of before."""
    place.keys = {name: shutil.copy(file, place.folder / f"{name}.copy") for name, file in place.keys.items()}
    return place


class Server:
    """A process of `prongsai serve`."""

    def __init__(self, place, flags, env, until, core):
        self.place, self.port = place, free_port()
        keys, soak = place.keys, place.soak
        command = [
            soak.binary,
            "serve",
            *place.database(),
            "--listen",
            f"127.0.0.1:{self.port}",
            "--challenge-bits",
            "0",
        ]
        for flag, key in ("--signing-key", "signing"), ("--audit-key", "audit"), ("--content-keys", "content"):
            command += [flag, keys[key]]
        command += ["--attachments", place.attachments]
        command += [part for what in OPEN for part in (f"--limit-{what}", "off")]
        command += ["--trusted-proxies", "127.0.0.1"]
        command += [part for flag in FILES if flag not in flags for part in (flag, "0")]
        if "--drain-seconds" not in flags and soak.drains:
            command += ["--drain-seconds", "0"]
        command = [*(["taskset", "-c", str(core)] if core is not None else []), *command, *flags]
        self.log = place.memory / f"serve-{len(place.servers)}.log"
        began = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | env
            )
        soak.started(self.process)
        self.wait(until)
        self.ready_in = time.monotonic() - began

    def wait(self, path, seconds=60):
        """Until the path is answered with 200."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Fault(
                    f"serve ended with {self.process.returncode}: {self.log.read_text(errors='replace')[-800:]}"
                )
            try:
                if Client(self.port, timeout=5).ask("GET", path).status == 200:
                    return
            except Unanswered:
                pass
            time.sleep(0.01)
        raise Fault(f"{path} was not 200 within {seconds} s: {self.log.read_text(errors='replace')[-800:]}")

    def client(self, role=None, timeout=30):
        return Client(self.port, role and self.place.token(role), timeout)

    def kill(self):
        """As the power does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=40):
        """As an operator does; how long it took."""
        began = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Fault(f"serve had not ended {seconds} s after SIGTERM") from None
        return time.monotonic() - began

    def resident(self):
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def readiness(port):
    """The status and the body of /health/ready; a status of 0 where there is no answer."""
    try:
        answer = Client(port, timeout=5).ask("GET", "/health/ready")
    except Unanswered:
        return 0, ""
    return answer.status, answer.body.decode(errors="replace")


def is_well(port):
    """Whether /health/ready says that nothing is wrong."""
    status, body = readiness(port)
    try:
        health = json.loads(body)
    except ValueError:
        return False
    return status == 200 and health.get("status") == "ok" and not health.get("conditions")
