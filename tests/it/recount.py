"""Counts a register of complaints as the statistics should have it. It shares no code with the service.

Usage: recount.py REGISTER.csv HOLIDAYS.json FISCAL_YEAR
"""

import csv
import json
import sys
from collections import Counter
from datetime import date, timedelta
from math import ceil

GROUPS = {"corruption": "integrity", "misconduct": "integrity", "service": "general", "feedback": "general"}
PROMISED = {"first_answer": (15, "calendar days"), "conclusion": (60, "working days")}


def day(text):
    if "/" in text:
        one, month, year = map(int, text.split("/"))
        return date(year - 543, month, one)
    return date.fromisoformat(text) if text else None


def working_days(start, end, holidays):
    """Working days after the start, until the end."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(it.weekday() < 5 and it not in holidays for it in days)


def is_in_time(start, end, promised, holidays):
    """In working days, what is done on the weekend after is late; calendar days go on until a working day."""
    days, counted = promised
    if counted == "working days":
        return working_days(start, end - timedelta(1), holidays) < days
    due = start + timedelta(days)
    while due.weekday() >= 5 or due in holidays:
        due += timedelta(1)
    return end <= due


def figures(days, promised, holidays):
    """Of pairs of the day of receipt and the day on which it was done."""
    took = sorted(working_days(*pair, holidays) for pair in days)
    in_time = sum(is_in_time(start, end, promised, holidays) for start, end in days)

    def percentile(percent):
        return took[ceil(len(took) * percent / 100) - 1] if took else None

    share = round(in_time * 10000 / len(took)) / 100 if took else None
    return {"median_days": percentile(50), "percentile_90_days": percentile(90), "in_time_percent": share}


def main(register, holidays, year):
    first, last = date(year - 544, 10, 1), date(year - 543, 9, 30)
    with open(holidays, encoding="utf-8") as file:
        holidays = {date.fromisoformat(it["date"]) for it in json.load(file)}
    groups = {
        group: {"total": 0, "finished": 0, "months": Counter(), "closed": Counter(), "category": Counter(),
                "channel": Counter(), "result": Counter(), "first_answer": [], "conclusion": []}
        for group in ("integrity", "general")
    }
    with open(register, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            received = day(row["received_on"])
            if not first <= received <= last:
                continue
            it, month = groups[GROUPS[row["kind"]]], received.strftime("%Y-%m")
            it["total"] += 1
            it["months"][month] += 1
            it["category"][row["category"]] += 1
            it["channel"][row["channel"]] += 1
            answered, closed = day(row["first_answered_on"]), day(row["closed_on"])
            if closed:
                it["finished"] += 1
                it["closed"][month] += 1
                it["result"][row["outcome"] or row["status"]] += 1
            if row["status"] in ("concluded", "rejected"):
                it["conclusion"].append((received, closed))
            if answered:
                it["first_answer"].append((received, answered))
    for it in groups.values():
        for figure, promised in PROMISED.items():
            it[figure] = figures(it[figure], promised, holidays)
    json.dump(groups, sys.stdout)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
