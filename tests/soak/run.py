#!/usr/bin/env python3
"""Nothing acknowledged is lost: the real server under kills, power cuts, faulty and full disks, databases that go away, wrong clocks and overload.

    tests/soak/run.py                                              everything, on SQLite and on PostgreSQL; an hour on two cores
    tests/soak/run.py kill power                                   some scenarios
    tests/soak/run.py --short --binary target/debug/prongsai       two minutes of what needs no root, on SQLite
    tests/postgres.sh tests/soak/run.py --short --binary ...       the same on PostgreSQL

Each scenario begins with a control: a broken variant, which it must catch. What it could not catch, it would prove nothing about.
"""

import argparse
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

import table
from scenarios import SCENARIOS
from service import ROOT, Fault, Unanswered
from soak import Result, Skipped, Soak

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.epilog = "scenarios:\n" + listing()
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios; all of them by default")
    parser.add_argument("--list", action="store_true", help="print the scenarios and end")
    parser.add_argument(
        "--binary",
        type=Path,
        default=ROOT / "target/release/prongsai",
        help="the program (default: target/release/prongsai)",
    )
    parser.add_argument(
        "--short", action="store_true", help="the two-minute form; PostgreSQL where DATABASE_URL names one, else SQLite"
    )
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], help="default: both")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table to this file as well")
    parser.add_argument(
        "--folder",
        type=Path,
        help="where databases lie while they are tested (default: the folder for temporary files)",
    )
    options = parser.parse_args()
    if unknown := set(options.names) - SCENARIOS.keys():
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    if not options.list and not os.access(options.binary, os.X_OK):
        parser.error(f"--binary: {options.binary} is no program; `cargo build --release` makes it")
    if options.folder and not options.folder.is_dir():
        parser.error(f"--folder: {options.folder} is no folder")
    if options.report and not options.report.resolve().parent.is_dir():
        parser.error(f"--report: there is no folder {options.report.resolve().parent}")
    return options


def listing():
    return "\n".join(
        f"  {name:<11}{'SQLite, PostgreSQL' if len(one.databases) == 2 else one.label:<20}{one.title}"
        for name, one in SCENARIOS.items()
    )


def chosen(options):
    """Pairs of a scenario's name and a database."""
    databases = ["sqlite", "postgres"] if options.database in (None, "both") else [options.database]
    if options.short and options.database is None:
        databases = ["postgres" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"]
    for name, scenario in SCENARIOS.items():
        if name in options.names or (not options.names and (scenario.short or not options.short)):
            for database in databases:
                if database in scenario.databases:
                    yield name, database


def perform(soak, name, database):
    """A scenario's row, whatever becomes of it."""
    result, began, scenario = Result(name, database), time.monotonic(), SCENARIOS[name]
    soak.database = database
    soak.log(f"== {name} ({database}): {scenario.title}")
    try:
        result.control = scenario.control(soak)
        soak.log(f"{name}: control: {result.control}")
        soak.release()
        scenario.run(soak, result)
    except Skipped as reason:
        result.skipped = str(reason)
    except (Fault, Unanswered) as fault:
        result.fault(str(fault))
    except Exception:
        result.fault(traceback.format_exc(limit=-3))
    finally:
        soak.release()
    result.seconds = time.monotonic() - began
    for fault, times in result.faults.most_common(table.FAULTS):
        soak.log(f"{name}: FAULT ({times}): {fault}")
    soak.log(f"{name}: {result.verdict}{': ' + result.skipped if result.skipped else ''} in {result.seconds:.0f} s")
    return result


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = arguments()
    if options.list:
        print(listing())
        return 0
    for number in INTERRUPTS:
        signal.signal(number, interrupt)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    soak, results = Soak(options), []
    try:
        for name, database in chosen(options):
            results.append(perform(soak, name, database))
    except KeyboardInterrupt:
        soak.log("interrupted")
        return 130
    finally:
        # Cleaning up is not interrupted a second time.
        for number in INTERRUPTS:
            signal.signal(number, signal.SIG_IGN)
        soak.close()
    text = table.markdown(results)
    print(text)
    if options.report:
        options.report.write_text(text + "\n")
    counts = {
        verdict: sum(result.verdict == verdict for result in results) for verdict in ("passed", "FAILED", "skipped")
    }
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['FAILED']} failed{skipped}")
    return 1 if counts["FAILED"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
