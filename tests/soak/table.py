"""The table of results, as Markdown."""

HEAD = [
    "scenario",
    "database",
    "verdict",
    "rounds",
    "acknowledged",
    "lost",
    "doubled",
    "times and figures",
    "control",
    "seconds",
]
RIGHT = {"rounds", "acknowledged", "lost", "doubled", "seconds"}
# Of one scenario, the most frequent ones.
FAULTS = 20
DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def row(cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def markdown(results):
    lines = [row(HEAD), row("---:" if name in RIGHT else "---" for name in HEAD)]
    for one in results:
        figures = [f"{value:,}" for value in (one.rounds, one.acknowledged, one.lost, one.doubled)]
        text = one.skipped or "; ".join(one.notes)
        lines.append(
            row(
                [
                    one.scenario,
                    DATABASES[one.database],
                    one.verdict,
                    *figures,
                    text,
                    one.control or "",
                    f"{one.seconds:.0f}",
                ]
            )
        )
    faults = [
        f"- {one.scenario} ({DATABASES[one.database]}): {fault}{f' ({times} times)' if times > 1 else ''}"
        for one in results
        for fault, times in one.faults.most_common(FAULTS)
    ]
    return "\n".join([*lines, *(["", "Faults:", "", *faults] if faults else [])])


def quantile(times, part):
    """Of a list of seconds; 0 where there is none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def seconds(times):
    """Median and maximum, for people."""
    return f"median {quantile(times, 0.5):.2f} s, max {max(times, default=0.0):.2f} s"
