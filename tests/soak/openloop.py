"""An open-loop generator: requests are sent at their time, whether or not others have been answered. A program of its own, for a core of its own.

    openloop.py PORT RATE SECONDS FILE       sends RATE requests a second, and prints what became of each as one line of JSON
    openloop.py PORT closed:32 SECONDS FILE  keeps 32 connections busy: what the service can do

FILE has a request's bytes; `@KEY@` in it becomes another key each time. Connections are kept, and opened where none is free.
"""

import asyncio
import itertools
import json
import secrets
import sys
import time

# More connections than this would be a test of the kernel.
MOST = 4000
PATIENCE = 15


class Connection(asyncio.Protocol):
    """A kept connection, with one request at a time."""

    def __init__(self, load):
        self.load, self.got, self.began, self.length = load, b"", None, None

    def connection_made(self, transport):
        self.transport = transport

    def send(self):
        self.began = time.monotonic()
        self.transport.write(self.load.request())

    def data_received(self, part):
        self.got += part
        if self.length is None:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.got[:end].lower()
            at = head.find(b"content-length:")
            self.length = end + 4 + (int(head[at + 15 :].split(b"\r\n")[0]) if at >= 0 else 0)
            self.close = b"connection: close" in head
        if len(self.got) >= self.length:
            status, began = int(self.got[9:12]), self.began
            self.got, self.length, self.began = b"", None, None
            self.load.answered(self, began, status)

    def connection_lost(self, _):
        if self.began is not None:
            began, self.began = self.began, None
            self.load.answered(None, began, 0)
        self.load.lost(self)


class Load:
    def __init__(self, port, rate, seconds, template):
        self.port, self.seconds, self.parts = port, seconds, template.split(b"@KEY@")
        self.closed = int(rate.removeprefix("closed:")) if rate.startswith("closed:") else 0
        self.rate = 0 if self.closed else float(rate)
        self.free, self.open, self.answers, self.unsent = [], set(), [], 0
        self.numbers, self.run = itertools.count(), secrets.token_hex(8)

    def request(self):
        return f"{self.run}-{next(self.numbers)}".encode().join(self.parts)

    def answered(self, connection, began, status):
        self.answers.append((began - self.start, time.monotonic() - self.start, status))
        if connection is None or connection.close:
            if connection:
                connection.transport.close()
        elif self.closed and time.monotonic() < self.end:
            connection.send()
        else:
            self.free.append(connection)

    def lost(self, connection):
        self.open.discard(connection)
        if connection in self.free:
            self.free.remove(connection)

    async def connect(self):
        loop = asyncio.get_running_loop()
        began = time.monotonic()
        try:
            _, connection = await asyncio.wait_for(
                loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port), PATIENCE
            )
        except (OSError, TimeoutError):
            self.answers.append((began - self.start, time.monotonic() - self.start, 0))
            return
        self.open.add(connection)
        connection.send()
        # The time of waiting for the connection counts as well.
        connection.began = began

    async def go(self):
        self.start = time.monotonic()
        self.end, tasks, sent = self.start + self.seconds, set(), 0
        for _ in range(self.closed):
            await self.connect()
        while (now := time.monotonic()) < self.end:
            due = int((now - self.start) * self.rate) - sent
            for _ in range(due):
                sent += 1
                if self.free:
                    self.free.pop().send()
                elif len(self.open) + len(tasks) < MOST:
                    task = asyncio.create_task(self.connect())
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                else:
                    self.unsent += 1
            await asyncio.sleep(0.002)
        while (tasks or any(one.began is not None for one in self.open)) and time.monotonic() < self.end + PATIENCE:
            await asyncio.sleep(0.01)
        late = [(one.began - self.start, PATIENCE + self.seconds, 0) for one in self.open if one.began is not None]
        print(json.dumps({"answers": self.answers + late, "unsent": self.unsent, "seconds": self.seconds}))


def main():
    port, rate, seconds, file = sys.argv[1:]
    with open(file, "rb") as template:
        asyncio.run(Load(int(port), rate, float(seconds), template.read()).go())


if __name__ == "__main__":
    main()
