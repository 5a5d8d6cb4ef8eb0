"""Validators and style guides, and the document in YAML."""

from .service import serve
from .tools import DOCUMENT, HERE, ROOT, call, python


def run():
    return (
        yaml()
        or call(python("judges") / "python", "-m", "openapi_spec_validator", DOCUMENT)
        or call("npx", "redocly", "lint", DOCUMENT, "--extends", "recommended-strict", env={"REDOCLY_TELEMETRY": "off"})
        or call("npx", "spectral", "lint", DOCUMENT, "--ruleset", ROOT / "openapi/.spectral.yaml", "--fail-severity", "warn")
    )


def yaml():
    """In YAML it is the same, the committed one and the served one."""
    with serve() as service:
        env = {"PRONGSAI": service["address"], "DOCUMENTS": DOCUMENT.parent}
        return call(python("judges") / "python", HERE / "clients/yaml_document.py", env=env)
