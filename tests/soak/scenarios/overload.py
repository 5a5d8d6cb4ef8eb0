"""Twice and five times what the service can do: it goes on doing what it can within a second, and sheds the rest at once."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from ledger import total
from service import COMPLAINT, Client, Fault, free_port, is_well
from table import quantile
from watch import Watch

GENERATOR = Path(__file__).resolve().parents[1] / "openloop.py"
# Aims: this share of the capacity within a second, memory against idle, liveness in seconds. Less than the floor is a failure; a
# missed aim is noted: refusing four of five requests costs the same core that serves the fifth.
SHARE, FLOOR, MEMORY, LIVE = 0.8, 0.5, 2.0, 0.05
# The server has one core, the generator the other.
SERVER, CLIENT = 0, 1

# A server without a bound: it queues whatever comes, and does 100 requests a second one after the other.
QUEUE = """
import asyncio, sys, time
turn = asyncio.Lock()
async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            length = [line for line in head.lower().split(b"\\r\\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(length[0].split(b":")[1]) if length else 0)
            async with turn:
                await asyncio.sleep(0.01)
            writer.write(b"HTTP/1.1 201 Created\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
    except (asyncio.IncompleteReadError, OSError):
        pass
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()
asyncio.run(main())
"""


def request(method, path, token=None, value=None):
    body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: soak", *([f"Authorization: Bearer {token}"] if token else [])]
    if value is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Idempotency-Key: @KEY@"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Figures:
    """What became of the requests of one load."""

    def __init__(self, soak, port, rate, seconds, template):
        file = soak.memory / f"request-{soak.number()}"
        file.write_bytes(template)
        command = [*pinned(CLIENT), sys.executable, GENERATOR, port, rate, seconds, file]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode:
            raise Fault(f"the generator: {done.stderr[-500:]}")
        self.__dict__.update(json.loads(done.stdout))
        self.taken = [end - began for began, end, status in self.answers if status in (200, 201)]
        self.shed = [end - began for began, end, status in self.answers if status == 503]
        self.others = sorted({status for _, _, status in self.answers} - {200, 201, 503})
        self.sent = len(self.answers) / seconds
        self.within = sum(took <= 1 for took in self.taken) / seconds
        self.capacity = len(self.taken) / seconds

    def summary(self):
        times = [f"{quantile(some, 0.5):.2f}/{quantile(some, 0.99):.2f} s" for some in (self.taken, self.shed)]
        return f"sent {self.sent:,.0f}/s, taken {self.capacity:,.0f}/s, within 1 s {self.within:,.0f}/s, p50/p99 {times[0]}, shed after {times[1]}"


def pinned(core):
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


def enough(figures, capacity):
    return figures.within >= FLOOR * capacity


def control(soak):
    """A server that queues and sheds nothing."""
    port = free_port()
    process = subprocess.Popen([*pinned(SERVER), sys.executable, "-c", QUEUE, str(port)])
    soak.started(process)
    time.sleep(1)
    template = request("POST", "/", value=COMPLAINT)
    capacity = Figures(soak, port, "closed:8", 3, template).capacity
    figures = Figures(soak, port, 2 * capacity, 6, template)
    if not capacity or enough(figures, capacity):
        raise Fault(f"control: a server that queues passes: {figures.summary()}")
    return f"a server that queues: {figures.within:.0f} of {capacity:.0f}/s within a second"


class Memory:
    """The most resident memory in MiB of a process, while the block lasts."""

    def __init__(self, server):
        self.server, self.ended, self.most = server, threading.Event(), server.resident()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self.ended.wait(0.1):
            self.most = max(self.most, self.server.resident())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def run(soak, result):
    place = soak.place().prepare()
    server = place.serve("--log", "warn", core=SERVER if pinned(SERVER) else None)
    client = server.client()
    for _ in range(120):
        client.complain().need(201)
    idle = server.resident()
    kinds = {
        "creates": request("POST", "/v1/complaints", value=COMPLAINT),
        "lists of 100": request("GET", "/v1/complaints?limit=100", place.token("complaint_officer")),
    }
    for name, template in kinds.items():
        seconds = soak.rounds(20, 4)
        # The first load warms up: what is idle afterwards is what the service needs anyway.
        Figures(soak, server.port, "closed:32", 3, template)
        capacity = Figures(soak, server.port, "closed:32", soak.rounds(10, 3), template).capacity
        result.need(capacity > 0, f"{name}: nothing was taken with 32 connections")
        for times in (2, 5):
            overload(
                soak,
                result,
                server,
                f"{name}, {times}x of {capacity:,.0f}/s",
                times * capacity,
                seconds,
                template,
                capacity,
                idle,
            )
    before = total(server)
    Client(server.port).complain().need(201)
    result.need(total(server) == before + 1, "after the load a complaint is not counted once")
    place.export()


def overload(soak, result, server, name, rate, seconds, template, capacity, idle):
    time.sleep(2)
    before = total(server) if "creates" in name else None
    with Watch(soak, server.port, "/health/live") as watch, Memory(server) as memory:
        figures = Figures(soak, server.port, rate, seconds, template)
    result.rounds += 1
    line = f"{name}: {figures.summary()}, RSS {idle:.0f} -> {memory.most:.0f} MiB, liveness at most {watch.worst() * 1000:.0f} ms"
    if figures.within < SHARE * capacity:
        line += f" (the aim of {SHARE:.0%} of the capacity is missed: {figures.within / capacity:.0%})"
    soak.log(f"overload: {line}")
    result.note(line)
    result.need(
        enough(figures, capacity),
        f"{name}: only {figures.within:.0f}/s were answered within a second, of {capacity:.0f}/s",
    )
    result.need(memory.most < MEMORY * idle, f"{name}: RSS {idle:.0f} -> {memory.most:.0f} MiB")
    result.need(watch.worst() < LIVE, f"{name}: liveness took {watch.worst() * 1000:.0f} ms")
    result.need(not figures.others, f"{name}: other answers than 200, 201, 503: {figures.others}")
    result.need(
        figures.sent >= 1.5 * capacity, f"{name}: the generator sent {figures.sent:.0f}/s only: this was no overload"
    )
    time.sleep(3)
    result.need(is_well(server.port), f"{name}: /health/ready is not well three seconds after the load")
    if before is not None:
        count(result, name, figures, total(server) - before)


def count(result, name, figures, added):
    """Acknowledged ones are there; those that were shed may be there as well, since a write goes on when its client is sent away."""
    acknowledged = len(figures.taken)
    unanswered = len(figures.answers) - acknowledged
    result.acknowledged += acknowledged
    result.lost += max(0, acknowledged - added)
    result.need(
        added <= acknowledged + unanswered, f"{name}: {added} complaints were added, {acknowledged} acknowledged"
    )
