"""Arms faults.c in a process that was started with it."""

import mmap
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")
ALL = 1 << 40


def library(soak):
    """The library, compiled once in a run."""
    file = soak.folder / "faults.so"
    if not file.exists():
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", file, SOURCE, "-ldl"], check=True, timeout=60)
    return file


class Faults:
    def __init__(self, soak, paths, calls="write,fsync,truncate,rename", errno="EIO"):
        file = soak.memory / f"control-{soak.number()}"
        file.write_bytes(bytes(24))
        with file.open("r+b") as control:
            self.control = mmap.mmap(control.fileno(), 24)
        self.env = {
            "LD_PRELOAD": str(library(soak)),
            "FAULT_CONTROL": str(file),
            "FAULT_PATHS": ",".join(map(str, paths)),
            "FAULT_CALLS": calls,
            "FAULT_ERRNO": errno,
        }

    def arm(self, nth, count=1):
        # First what to do, then that it be done.
        self.control[8:24] = struct.pack("=qq", count, 0)
        self.control[0:8] = struct.pack("=q", nth)

    def disarm(self):
        """How many calls matched while it was armed."""
        self.control[0:8] = bytes(8)
        return struct.unpack("=q", self.control[16:24])[0]
