"""The last release against what comes next."""

import json
import subprocess

from .tools import DOCUMENT, ROOT, python

RELEASED = ROOT / "openapi/released/openapi.json"
CHANGELOG = ROOT / "CHANGELOG.md"


def run():
    released, document = (json.loads(file.read_text()) for file in (RELEASED, DOCUMENT))
    before, now = (each["info"]["version"] for each in (released, document))
    if fault := not_kept(released, document):
        return fault
    result = subprocess.run([python("diff") / "api-schema-diff", RELEASED, DOCUMENT], capture_output=True, text=True)
    print(result.stdout.strip(), result.stderr, sep="\n")
    if result.returncode == 1 and may_break(before, now):
        print(f"{now} may break what {before} promised")
        return None
    return {0: None, 1: f"{now} breaks what {before} promised"}.get(result.returncode, "api-schema-diff failed")


def not_kept(released, document):
    """The document of a version that is released is the one that the next may not break: `make release` keeps it."""
    version, paths = document["info"]["version"], document["paths"].keys()
    missing = paths - released["paths"].keys()
    print(f"{len(paths) - len(missing)} of {len(paths)} paths are in the released document")
    is_released = f"\n## {version}, unreleased\n" not in CHANGELOG.read_text()
    if is_released and (missing or released["info"]["version"] != version):
        return f"CHANGELOG.md says that {version} is released, and openapi/released is not its document: `make release`"
    return None


def may_break(before, now):
    """Semantic Versioning: a new major version, or before 1.0 a new minor one."""
    (major, minor), (next_major, next_minor) = ([int(part) for part in version.split(".")[:2]] for version in (before, now))
    return next_major > major or major == next_major == 0 and next_minor > minor
