"""A disk of its own for a database: an ext4 file system on a loop device, whose power can be cut. Needs root."""

import fcntl
import os
import struct
import subprocess

from soak import Skipped

# EXT4_IOC_SHUTDOWN, which other file systems call GOINGDOWN; the flag: without writing the journal first.
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2


class Disk:
    def __init__(self, soak, mib):
        if os.geteuid() != 0:
            raise Skipped("not run: loop devices need root")
        number = soak.number()
        self.image, self.folder = soak.folder / f"disk-{number}.img", soak.folder / f"disk-{number}"
        with self.image.open("wb") as image:
            image.truncate(mib << 20)
        self.folder.mkdir()
        soak.at_end(self.unmount)
        run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop", self.image, self.folder)

    def unmount(self):
        """Also when it is not mounted, or the power is cut."""
        if os.path.ismount(self.folder):
            subprocess.run(["umount", self.folder], check=True, timeout=60)

    def cut(self):
        """From now on nothing reaches the disk, and nothing that waits in memory ever will."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUTDOWN, struct.pack("=I", NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def restore(self):
        """The power is back: the file system is what the disk has of it."""
        self.unmount()
        self.mount()

    def free(self):
        """Bytes that can still be written."""
        left = os.statvfs(self.folder)
        return left.f_bavail * left.f_frsize


def run(*command):
    try:
        subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, timeout=60)
    except FileNotFoundError as error:
        raise Skipped(f"not run: {command[0]} is not there") from error
    except subprocess.CalledProcessError as error:
        raise Skipped(f"not run: no loop devices here ({error.stderr.strip()[:200]})") from error
