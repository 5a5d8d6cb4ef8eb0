"""Validators and style guides."""

from .tools import DOCUMENT, ROOT, call, python


def run():
    return (
        call(python("judges") / "python", "-m", "openapi_spec_validator", DOCUMENT)
        or call("npx", "redocly", "lint", DOCUMENT, "--extends", "recommended-strict", env={"REDOCLY_TELEMETRY": "off"})
        or call("npx", "spectral", "lint", DOCUMENT, "--ruleset", ROOT / "openapi/.spectral.yaml", "--fail-severity", "warn")
    )
