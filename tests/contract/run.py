#!/usr/bin/env python3
"""Proves the published document: judges that nobody here wrote, and clients that are made from it.

    tests/postgres.sh tests/contract/run.py               all steps, on SQLite and on PostgreSQL
    tests/contract/run.py lint clients                    some steps; without tests/postgres.sh on SQLite alone
    tests/postgres.sh tests/contract/run.py plant fuzz-all      the steps that take long, which `make judge` runs
"""

import argparse
import sys
import time

from steps import (
    breaking,
    browser,
    clients,
    forms,
    fuzz,
    lint,
    manual,
    oauth,
    office,
    open311,
    pivot,
    plant,
    tools,
    website,
)

STEPS = {
    "lint": (lint.run, "the document is valid OpenAPI, the same in YAML 1.1, and keeps Redocly's, Spectral's, OWASP's and our rules"),
    "breaking": (breaking.run, "nothing that the last release promised is gone"),
    "clients": (clients.run, "docs/clients.md and the generated clients in it run against the service"),
    "manual": (manual.run, "the officers' and the administrators' manuals lead from the login to a concluded case and an approved destruction"),
    "oauth": (oauth.run, "a standard OAuth client gets tokens and calls the API"),
    "open311": (open311.run, "others' clients of Open311 read services and requests, and ask, in XML and JSON"),
    "pivot": (pivot.run, "pandas makes of statistics as CSV and XLSX the tables that the JSON has"),
    "forms": (forms.run, "what is filled into random forms another validator takes as well"),
    "browser": (browser.run, "/docs works in Chromium"),
    "website": (website.run, "the examples of a website work in Chromium, on PHP, and with the service stopped"),
    "fuzz": (fuzz.run_short, "schemathesis finds nothing at the limits of what the document allows, as anybody and as every role"),
}

# They take minutes each, and run only when they are named.
LONG_STEPS = {
    "office": (office.run, "LibreOffice opens every table and report, with all of its text"),
    "plant": (plant.run, "each of six planted disagreements is found by the tests"),
    "fuzz-all": (fuzz.run_long, "schemathesis finds nothing in every phase, as anybody and as every role, on both databases"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = STEPS | LONG_STEPS
    parser.epilog = "steps:\n" + "\n".join(f"  {name:<10}{told}" for name, (_, told) in known.items())
    parser.add_argument("steps", nargs="*", metavar="step")
    chosen = parser.parse_args().steps or list(STEPS)
    if unknown := set(chosen) - known.keys():
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    took = {}
    for name, step in [("tools", tools.install), *((name, known[name][0]) for name in chosen)]:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        fault = step()
        took[name] = time.monotonic() - began
        if fault:
            sys.exit(f"contract: {name}: {fault}")
    print("== took")
    for name, seconds in took.items():
        print(f"{name:<10}{seconds:6.0f} s")


if __name__ == "__main__":
    main()
