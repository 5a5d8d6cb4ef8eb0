"""A day of a Python program that uses the API through openapi-python-client."""

import os
from uuid import uuid4

from prongsai.api.measures import create_measure, get_measure, list_measures, update_measure
from prongsai.api.statistics import get_measure_statistics
from prongsai.client import AuthenticatedClient
from prongsai.models import MeasureInput, MeasurePatch, ResponsibleInput
from prongsai.types import UNSET

api = AuthenticatedClient(os.environ["PRONGSAI"], os.environ["TOKEN"])

# A list with a filter, page by page.
measures, cursor = [], UNSET
while cursor is not None:
    page = list_measures.sync(client=api, fiscal_year=[2567], limit=2, cursor=cursor)
    measures += page.items
    cursor = page.page.next_cursor
assert [measure.number for measure in measures] == [1, 2, 3, 4, 5, 6]

# One record, and the same again.
read = get_measure.sync_detailed(measures[0].id, client=api)
assert read.parsed.title == measures[0].title
again = get_measure.sync_detailed(measures[0].id, client=api, if_none_match=read.headers["ETag"])
assert again.status_code == 304

# A new one, sent twice and created once.
new = MeasureInput(
    fiscal_year=2570,
    number=1,
    title="ส่งเสริมการเปิดเผยข้อมูลสาธารณะ",
    responsible=ResponsibleInput(all_units=True),
    period_text="ปีงบประมาณ พ.ศ. ๒๕๗๐",
)
key = str(uuid4())
created = create_measure.sync_detailed(client=api, body=new, idempotency_key=key)
replayed = create_measure.sync_detailed(client=api, body=new, idempotency_key=key)
assert created.status_code == 201
assert replayed.parsed.id == created.parsed.id


# A change of what was read; a second one that has not read the first; one that breaks a rule.
def change(if_match, **fields):
    patch = MeasurePatch(**fields)
    return update_measure.sync_detailed(created.parsed.id, client=api, body=patch, if_match=if_match)


etag = created.headers["ETag"]
assert change(etag, topic=7).parsed.topic == 7
stale = change(etag, topic=6)
assert (stale.status_code, stale.parsed.code) == (412, "precondition_failed")
wrong = change("*", responsible=ResponsibleInput(units=["legal"]))
assert (wrong.status_code, wrong.parsed.errors[0].pointer) == (422, "#/responsible")

# A statistic.
statistics = get_measure_statistics.sync(client=api, fiscal_year=2567)
assert {slice_.value: slice_.total for slice_ in statistics.current.by_status}["completed"] == 6
