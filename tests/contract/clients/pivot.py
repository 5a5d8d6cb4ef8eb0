"""pandas makes the table of docs/api-design.md by month and section from CSV and from XLSX, and its numbers are those of the JSON."""

import io
import json
import os
import re
import urllib.request
import uuid
from pathlib import Path

import pandas

ADDRESS = os.environ["PRONGSAI"]
SNIPPET = re.search(r"^```python\n(.*?)^```$", Path(os.environ["PAGE"]).read_text(), re.MULTILINE | re.DOTALL)[1]


def ask(path, body=None, token=None):
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {os.environ[token]}"
    request = urllib.request.Request(ADDRESS + path, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def table(rows):
    """The lines of the page that come after the rows were read."""
    names = {"rows": rows}
    exec("\n".join(re.findall(r"^(?:totals|table) = .*$", SNIPPET, re.MULTILINE)), names)
    return names["table"]


def expected(statistics):
    """The same table of the JSON. A sum of nothing is 0, also of a month that is to come."""
    figures = [statistics["current"], statistics["previous"]]
    sections = [section for year in figures for section in year.get("by_group") or year["by_service"]]
    cells = [
        (period["label"]["th"], section["label"]["th"], period["total"] or 0)
        for section in sections
        for period in section["periods"]
    ]
    return {(month, section): total for month, section, total in cells}


for kind, category, count in [("corruption", "bribery", 3), ("service", "nuisance", 2)]:
    for _ in range(count):
        body = {"kind": kind, "category": category, "subject": "เรื่อง", "description": "รายละเอียด"}
        ask("/v1/complaints", body, "COMPLAINT_OFFICER")
for _ in range(4):
    body = {"form": {"fault": "out"}, "location": {"address": "ซอย 3"}}
    ask("/v1/e-services/public-lighting/requests", body)

# As the page has it, whole, for everybody.
names = {}
exec(SNIPPET.replace("https://api.example.go.th", ADDRESS), names)
assert names["table"].shape == (24, 2), names["table"]

for name, sent, token in [("complaints", 5, "AUDITOR"), ("e-services", 4, "AUDITOR"), ("e-services", 4, None)]:
    path = f"/v1/statistics/{name}?period=month"
    wanted = expected(json.loads(ask(path, token=token)))
    file = {kind: io.BytesIO(ask(f"{path}&format={kind}", token=token)) for kind in ("csv", "xlsx")}
    for kind, made in ("csv", table(pandas.read_csv(file["csv"]))), ("xlsx", table(pandas.read_excel(file["xlsx"]))):
        cells = {(month, section): made.loc[month, section] for month in made.index for section in made.columns}
        assert cells == wanted, f"{name}, {kind}: {made}"
        assert list(made.index) == list(dict.fromkeys(month for month, _ in wanted)), f"{name}, {kind}: {made.index}"
        assert sum(cells.values()) == sent, f"{name}, {kind}: {made}"
    print(f"{name}, {token or 'anybody'}: {made.shape[0]} months, {made.shape[1]} sections")
