"""The judges and generators, in the versions of the lock files, in a folder that git ignores."""

import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "tests/contract"
FOLDER = ROOT / "target/contract"
DOCUMENT = ROOT / "openapi/openapi.json"
PROGRAM = ROOT / "target/debug/prongsai"


def python(name):
    """The folder of the programs of one of our Python environments."""
    return FOLDER / name / "bin"


def call(*command, cwd=FOLDER, env=None, quiet=False):
    """Runs a command; what is wrong with it is that it failed, shown with all that it said."""
    command = [str(part) for part in command]
    result = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True)
    if result.returncode:
        print(result.stdout, result.stderr, sep="\n")
        return f"{Path(command[0]).name} {' '.join(command[1:3])} failed"
    if not quiet:
        print(result.stdout.strip())
    return None


def need(wanted, *packages):
    """Sees that a program or a file is there."""
    return call(ROOT / "tests/need.sh", wanted, *packages, cwd=ROOT, quiet=True)


def chromium(script, env):
    """Runs one of the scripts that steer Chromium."""
    if fault := need("chromium", "chromium"):
        return fault
    # Beside node_modules, where their imports are found.
    for name in ("chromium.mjs", script):
        shutil.copy(HERE / name, FOLDER)
    return call("node", script, env={"CHROMIUM": shutil.which("chromium"), **env})


def install():
    FOLDER.mkdir(parents=True, exist_ok=True)
    if fault := need("npm", "nodejs", "npm") or (not find_spec("ensurepip") and need("ensurepip", "python3-venv")):
        return fault
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < 20:
        return f"Node.js {version} is too old for the judges: 20 or newer is needed"
    locks = sorted((HERE / "requirements").glob("*.txt"))
    with ThreadPoolExecutor() as pool:
        results = [pool.submit(environment, lock) for lock in locks] + [pool.submit(node)]
    return next((fault for fault in (result.result() for result in results) if fault), None)


def environment(lock):
    folder = FOLDER / lock.stem
    return fresh(folder, [lock], lambda: (
        call(sys.executable, "-m", "venv", folder, quiet=True)
        or call(folder / "bin/pip", "install", "--quiet", "--no-deps", "--requirement", lock, quiet=True)
    ))


def node():
    locks = [HERE / name for name in (".npmrc", "package.json", "package-lock.json")]

    def ci():
        for lock in locks:
            shutil.copy(lock, FOLDER)
        return call("npm", "ci", "--no-progress", "--ignore-scripts", quiet=True)

    return fresh(FOLDER / "node_modules", locks, ci)


def fresh(folder, locks, make):
    """Makes a folder anew unless it was made from just these lock files, here and by this Python."""
    stamp = folder / "made-from"
    made_from = [f"{folder} {sys.version}".encode(), *(lock.read_bytes() for lock in locks)]
    wanted = hashlib.sha256(b"".join(made_from)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    fault = make()
    if not fault:
        stamp.write_text(wanted)
    return fault
