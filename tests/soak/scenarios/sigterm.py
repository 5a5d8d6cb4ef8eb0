"""SIGTERM while requests are on their way: each that was sent is answered, what was committed was acknowledged, and it ends in time."""

import json
import select
import socket
import time
import uuid

from ledger import settle
from service import COMPLAINT, Client, Fault, Unanswered
from table import seconds

KEPT, NEW, DRAIN, ENDS = 40, 40, 3, 10.0
DELAYS = [0, 0.005, 0.02, 0.05]


def post(key):
    body = json.dumps(COMPLAINT, ensure_ascii=False).encode()
    head = f"POST /v1/complaints HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Burst:
    """Complaints that are sent in one instant, half of them on connections that have been used."""

    def __init__(self, port):
        self.port, self.keys = port, [uuid.uuid4().hex for _ in range(KEPT + NEW)]
        self.streams = [self.connect() for _ in range(KEPT)]
        for stream in self.streams:
            stream.sendall(b"GET /health/live HTTP/1.1\r\nHost: soak\r\n\r\n")
            read(stream, time.monotonic() + 10)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self):
        self.streams += [self.connect() for _ in range(NEW)]
        for stream, key in zip(self.streams, self.keys):
            stream.sendall(post(key))

    def answers(self, ledger, limit=15):
        """Their statuses; 0 where the connection was closed without an answer."""
        statuses, end = [], time.monotonic() + limit
        for stream, key in zip(self.streams, self.keys):
            status, _, body = read(stream, end)
            statuses.append(status)
            ledger.asked(key, "complaint")
            if status == 201:
                ledger.complaint(key, json.loads(body)["receipt"])
            stream.close()
        return statuses


def read(stream, end):
    """An answer: its status, headers and body. A status of 0 where there is none."""
    got = b""
    while time.monotonic() < end:
        head, found, body = got.partition(b"\r\n\r\n")
        if found:
            lines = head.decode("latin1").split("\r\n")
            headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines[1:])}
            if len(body) >= int(headers.get("content-length", 0)):
                return int(lines[0].split()[1]), headers, body
        try:
            if not select.select([stream], [], [], max(0, end - time.monotonic()))[0]:
                break
            part = stream.recv(65536)
        except OSError:
            break
        if not part:
            break
        got += part
    return 0, {}, b""


def control(soak):
    """A service that ends at once, as by SIGKILL."""
    server, ledger = soak.place().prepare().serve(), soak.ledger()
    burst = Burst(server.port)
    burst.send()
    server.kill()
    closed = burst.answers(ledger).count(0)
    if not closed:
        raise Fault("control: requests that a kill leaves without an answer are not seen")
    return f"SIGKILL: {closed} of {KEPT + NEW} closed without an answer"


class Upload:
    """An upload of a byte a second, and a download of which nothing is read: neither may hold the end up."""

    def __init__(self, server, receipt, id):
        head = "POST /v1/complaints/lookup/attachments HTTP/1.1\r\nHost: soak\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        head += f"Idempotency-Key: {uuid.uuid4().hex}\r\nContent-Length: 500000\r\n\r\n"
        part = f'--x\r\nContent-Disposition: form-data; name="receipt"\r\n\r\n{receipt}\r\n'
        part += '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nslow'
        self.stream = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self.stream.sendall((head + part).encode())
        self.unread = unread(server.port, receipt, id)

    def answer(self, limit):
        """What the upload is answered with, while its bytes trickle."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if select.select([self.stream], [], [], 1)[0]:
                return read(self.stream, end)
            try:
                self.stream.sendall(b"a")
            except OSError:
                break
        return 0, {}, b""


def unread(port, receipt, id):
    """A download that is asked for and not read."""
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.settimeout(10)
    stream.connect(("127.0.0.1", port))
    body = json.dumps({"receipt": receipt, "id": id}).encode()
    head = (
        "POST /v1/complaints/lookup/attachments/download HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\n"
    )
    stream.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return stream


def ready_while_draining(port):
    """The status of /health/ready on a new connection, and whether it closes it."""
    try:
        answer = Client(port, timeout=3).ask("GET", "/health/ready")
        return answer.status, answer.headers.get("connection", "")
    except Unanswered:
        return 0, ""


def run(soak, result):
    place, ledger, ended, closed = soak.place().prepare(), soak.ledger(), [], 0
    result.need(soak.drains, "`prongsai serve` has no --drain-seconds")
    for round in range(soak.rounds(10, 1)):
        server = place.serve(*(["--drain-seconds", DRAIN] if soak.drains else []))
        burst, slow = Burst(server.port), stalled(server, ledger)
        burst.send()
        time.sleep(DELAYS[round % len(DELAYS)])
        began = time.monotonic()
        server.process.terminate()
        statuses = drain(server, ledger, burst, slow, result)
        ended.append(time.monotonic() - began)
        closed += statuses.count(0)
        result.rounds += 1
        soak.log(
            f"sigterm: {statuses.count(201)} taken, {statuses.count(0)} closed without an answer, ended in {ended[-1]:.1f} s"
        )
        server = place.serve()
        result.add(settle(server, ledger))
        server.kill()
    result.acknowledged = len(ledger)
    result.need(not closed, f"{closed} requests were closed without an answer")
    result.need(max(ended) <= ENDS, f"it ended after {max(ended):.1f} s")
    result.note(f"closed without an answer: {closed}; SIGTERM to end: {seconds(ended)}")


def stalled(server, ledger):
    """A slow upload and an unread download, on a complaint of its own."""
    client, key, big = server.client(), uuid.uuid4().hex, b"0123456789abcde\n" * 500_000
    ledger.send(client, key, "complaint")
    receipt = ledger.receipts[key]
    ledger.send(client, uuid.uuid4().hex, "file", receipt, big)
    file = client.look_up(receipt).need(200).json()["attachments"][0]["id"]
    client.close()
    return Upload(server, receipt, file)


def drain(server, ledger, burst, slow, result):
    """What happens from SIGTERM until the process has ended; the statuses of the burst."""
    time.sleep(0.3)
    ready = ready_while_draining(server.port)
    result.need(ready == (503, "close"), f"while it drains, /health/ready is {ready}")
    statuses = burst.answers(ledger)
    status, headers, _ = slow.answer(ENDS)
    result.need(status == 503, f"the upload of a byte a second was answered with {status}")
    result.need("retry-after" in headers, "the upload of a byte a second was answered without Retry-After")
    server.process.wait(60)
    slow.stream.close()
    slow.unread.close()
    result.need(server.process.returncode == 0, f"it ended with {server.process.returncode}")
    return statuses
