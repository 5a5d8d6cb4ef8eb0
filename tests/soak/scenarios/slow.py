"""Clients that send or read as slowly as they like: others are served as ever, and files have room."""

import contextlib
import socket
import subprocess
import sys
import threading
import time

from scenarios.sigterm import unread
from service import Client, Fault, Unanswered, free_port
from table import quantile

# The median of other people's requests, and the longest that one may take, in seconds.
MEDIAN, LONGEST = 0.1, 2.0
HEAD = b"POST /v1/complaints HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\n"
BODY = HEAD + b"Content-Length: 5000\r\n\r\n{"

# A server of one request at a time.
SINGLE = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


class Slow:
    """Connections that send a byte a second, for as long as the block lasts."""

    def __init__(self, port, count, begin):
        self.streams, self.ended, self.let_go = [], threading.Event(), 0
        for _ in range(count):
            stream = socket.create_connection(("127.0.0.1", port), timeout=10)
            stream.sendall(begin)
            self.streams.append(stream)
        self.thread = threading.Thread(target=self._trickle, daemon=True)

    def _trickle(self):
        while not self.ended.wait(1):
            for stream in list(self.streams):
                try:
                    stream.sendall(b"a")
                except OSError:
                    self.streams.remove(stream)
                    stream.close()
                    self.let_go += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(20)
        for stream in self.streams:
            stream.close()


def others(port, seconds):
    """How long each complaint took that others sent meanwhile."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            Client(port, timeout=LONGEST + 1).complain().need(201)
            times.append(time.monotonic() - began)
        except (Unanswered, Fault):
            times.append(float("inf"))
    return times


def served(times):
    return quantile(times, 0.5) <= MEDIAN and max(times) <= LONGEST


def control(soak):
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SINGLE, str(port)], stderr=subprocess.DEVNULL)
    soak.started(process)
    time.sleep(1)
    if not served(others(port, 1)):
        raise Fault("control: a small server is slow with nobody else there")
    with Slow(port, 1, BODY):
        times = others(port, 4)
    if served(times):
        raise Fault("control: a server of one request at a time serves others beside a slow client")
    return "a server of one request at a time: others are not served beside one slow body"


def run(soak, result):
    server, few = soak.place().prepare().serve(), soak.rounds(1, 5)
    for name, begin in ("heads", HEAD), ("bodies", BODY):
        with Slow(server.port, 500 // few, begin) as slow:
            times = others(server.port, soak.rounds(15, 5))
        judge(soak, result, f"{500 // few} slow {name}", times, f"{slow.let_go} were let go")
    downloads(soak, result, server, 200 // few)


def judge(soak, result, name, times, more):
    line = f"{name}: others p50 {quantile(times, 0.5) * 1000:.0f} ms, max {max(times) * 1000:.0f} ms, {more}"
    result.rounds += 1
    result.acknowledged += sum(took != float("inf") for took in times)
    result.need(served(times), line)
    result.note(line)
    soak.log(f"slow: {line}")


def downloads(soak, result, server, count):
    """Unread downloads of 9 MB, while others fetch the same file and send others."""
    client, big = server.client(timeout=60), b"0123456789abcde\n" * (9 * 65536)
    receipt = client.complain().need(201).json()["receipt"]
    id = client.attach(receipt, big).need(201).json()["id"]
    if client.download(receipt, id).need(200).body != big:
        raise Fault("a download is not what was sent")
    client.close()
    before = server.resident()
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(contextlib.closing(unread(server.port, receipt, id)))
        time.sleep(2)
        fetched = [tried(lambda: client.download(receipt, id).body == big) for _ in range(5)]
        another = client.complain().need(201).json()["receipt"]
        sent = [tried(lambda: client.attach(another, big[: 5 << 20]).status == 201) for _ in range(5)]
        judge(
            soak,
            result,
            f"{count} unread downloads",
            others(server.port, 5),
            f"RSS {before:.0f} -> {server.resident():.0f} MiB",
        )
    result.need(all(fetched), f"beside {count} unread downloads, {fetched.count(False)} of 5 downloads of 9 MB failed")
    result.need(all(sent), f"beside {count} unread downloads, {sent.count(False)} of 5 uploads of 5 MB failed")
    result.note(f"beside them {sum(fetched)} of 5 downloads of 9 MB and {sum(sent)} of 5 uploads of 5 MB were served")


def tried(ask):
    try:
        return ask()
    except Unanswered:
        return False
