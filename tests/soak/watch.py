"""Asks a path again and again from a process of its own, so that a busy client does not add its own delays to what is measured."""

import json
import subprocess
import sys

PROGRAM = """
import http.client, json, os, sys, time
port, path, every, end = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), time.monotonic() + float(sys.argv[4])
try:
    os.nice(-10)
except OSError:
    pass
connection, answers = None, []
while time.monotonic() < end and sys.stdin is not None and not os.path.exists(sys.argv[5]):
    began = time.monotonic()
    try:
        connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        status = answer.status
        if answer.will_close:
            connection.close()
    except (OSError, http.client.HTTPException):
        status, connection = 0, None
    answers.append((began, time.monotonic(), status))
    time.sleep(max(0, began + every - time.monotonic()))
print(json.dumps(answers))
"""


class Watch:
    """`with Watch(soak, port, "/health/live") as watch:`, and afterwards `watch.answers`: when asked, when answered, the status."""

    def __init__(self, soak, port, path, every=0.05, seconds=300):
        self.stop = soak.memory / f"watched-{soak.number()}"
        command = [sys.executable, "-c", PROGRAM, port, path, every, seconds, self.stop]
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        soak.started(self.process)
        self.answers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop.touch()
        self.answers = json.loads(self.process.communicate(timeout=30)[0] or "[]")

    def worst(self):
        """The longest time of an answer that was 200; infinite where one was not."""
        return max(
            (end - began if status == 200 else float("inf") for began, end, status in self.answers),
            default=float("inf"),
        )
