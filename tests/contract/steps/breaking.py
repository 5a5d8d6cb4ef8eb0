"""The last release against what comes next."""

import json
import subprocess

from .tools import DOCUMENT, ROOT, python

RELEASED = ROOT / "openapi/released/openapi.json"


def run():
    before, now = (json.loads(file.read_text())["info"]["version"] for file in (RELEASED, DOCUMENT))
    result = subprocess.run([python("diff") / "api-schema-diff", RELEASED, DOCUMENT], capture_output=True, text=True)
    print(result.stdout.strip(), result.stderr, sep="\n")
    if result.returncode == 1 and may_break(before, now):
        print(f"{now} may break what {before} promised")
        return None
    return {0: None, 1: f"{now} breaks what {before} promised"}.get(result.returncode, "api-schema-diff failed")


def may_break(before, now):
    """Semantic Versioning: a new major version, or before 1.0 a new minor one."""
    (major, minor), (next_major, next_minor) = ([int(part) for part in version.split(".")[:2]] for version in (before, now))
    return next_major > major or major == next_major == 0 and next_minor > minor
