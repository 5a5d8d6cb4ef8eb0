"""The last release against what comes next."""

import json

from .tools import DOCUMENT, ROOT, call, python

RELEASED = ROOT / "openapi/released/openapi.json"


def run():
    before, now = (json.loads(file.read_text())["info"]["version"] for file in (RELEASED, DOCUMENT))
    fault = call(python("diff") / "api-schema-diff", RELEASED, DOCUMENT)
    if fault and may_break(before, now):
        print(f"{now} may break what {before} promised")
        return None
    return fault and f"{now} breaks what {before} promised"


def may_break(before, now):
    """Semantic Versioning: a new major version, or before 1.0 a new minor one."""
    (major, minor), (next_major, next_minor) = ([int(part) for part in version.split(".")[:2]] for version in (before, now))
    return next_major > major or major == next_major == 0 and next_minor > minor
