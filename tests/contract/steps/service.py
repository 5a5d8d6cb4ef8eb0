"""A service to ask: the demonstration, on a port of its own."""

import json
import subprocess
from contextlib import contextmanager

from .tools import PROGRAM


@contextmanager
def serve(database_url=None, *arguments):
    """Address, tokens and process of a service that runs for as long as it is asked."""
    command = [PROGRAM, "demo", "--json", "--port", "0", "--workers", "2", *arguments]
    # Schemathesis asks more often than the limits allow.
    command += [f"--limit-{group}=off" for group in ("reads", "writes", "logins", "complaints", "requests")]
    if database_url:
        command += ["--database-url", database_url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ready = process.stdout.readline()
        if not ready:
            raise RuntimeError("the service did not start")
        yield json.loads(ready) | {"pid": process.pid}
    finally:
        process.terminate()
        process.wait()
