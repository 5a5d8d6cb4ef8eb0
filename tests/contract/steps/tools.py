"""The judges and generators, in the versions of the lock files, in a folder that git ignores."""

import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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


def install():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for program, *packages in (
        ["npm", "nodejs", "npm"],
        ["java", "default-jre-headless"],
        ["php", "php-cli", "php-curl", "php-mbstring", "php-guzzlehttp-guzzle"],
        ["curl", "curl"],
        ["chromium", "chromium"],
    ):
        if fault := call(ROOT / "tests/need.sh", program, *packages, quiet=True):
            return fault
    lists = sorted((HERE / "requirements").glob("*.txt"))
    with ThreadPoolExecutor() as pool:
        results = [pool.submit(environment, list) for list in lists] + [pool.submit(node)]
    return next((fault for fault in (result.result() for result in results) if fault), None)


def environment(requirements):
    folder = FOLDER / requirements.stem
    return fresh(folder, [requirements], lambda: (
        call(sys.executable, "-m", "venv", folder, quiet=True)
        or call(folder / "bin/pip", "install", "--quiet", "--no-deps", "--requirement", requirements, quiet=True)
    ))


def node():
    lock = [HERE / "package.json", HERE / "package-lock.json"]

    def ci():
        for file in [*lock, HERE / ".npmrc"]:
            shutil.copy(file, FOLDER)
        return call("npm", "ci", "--no-progress", "--ignore-scripts", quiet=True)

    return fresh(FOLDER / "node_modules", lock, ci)


def fresh(folder, locks, make):
    """Makes a folder anew unless it was made from just these lock files."""
    stamp = folder / "made-from"
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    fault = make()
    if not fault:
        stamp.write_text(wanted)
    return fault
