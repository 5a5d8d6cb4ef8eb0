"""What no JSON Schema can say, told to schemathesis, so that its valid requests are valid: rules over several fields,
references to what is there, tokens that only the server can make. What it makes invalid on purpose is left as it is."""

import uuid
from datetime import UTC, datetime, timedelta

import schemathesis
from hypothesis import strategies
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

# Units that the demonstration has.
UNITS = [
    *("strategy-budget", "policy-planning", "plan-budget", "legal", "personnel"),
    *("clerk-office", "public-works", "public-health", "finance"),
]

# A category of each kind of complaint that it has.
CATEGORIES = {"corruption": "bribery", "misconduct": "abuse-of-power", "service": "nuisance", "feedback": "suggestion"}

# A code that it has for each filter that takes codes of other records.
FILTERS = {"unit": UNITS[0], "parent": UNITS[0], "category": "bribery", "e_service": "public-lighting"}

# What depends on the units of who has it, and what the command line alone gives to a client.
OF_UNITS = {
    *("editor", "complaint_officer", "service_officer", "measures:read", "measures:write", "projects:read"),
    *("projects:write", "e-services:write", "service-requests:handle", "complaints:handle"),
}
OPERATORS = {"service-requests:handle", "service-requests:count", "complaints:handle", "complaints:count"}
OPERATORS |= {"identities:approve", "users:write", "audit:read", "retention:read", "retention:approve"}

# What the texts of an occasion have filled in.
FILLED_IN = dict.fromkeys(("complaint_reopening", "service_request_reopening", "service_request_appeal"), " {until}")
FILLED_IN["converted"] = " {reference}"

# A JSON Schema that is a form.
FORM = {"type": "object", "properties": {"what": {"type": "string"}}, "additionalProperties": False}

# What each step of a complaint or a service request needs.
STEPS = {
    "reject": {"text": "ไม่มีหลักฐาน"},
    "refer": {"text": "เป็นทางของแขวงทางหลวง", "referral": {"authority": "แขวงทางหลวงชัยนาท"}},
    "pause": {"text": "รออะไหล่"},
    "explain_delay": {"text": "รออะไหล่จากผู้ขาย"},
    "ask": {"text": "เหตุเกิดวันที่เท่าไร"},
    "reopen": {"text": "พบหลักฐานใหม่"},
    "conclude": {"text": "ลงโทษทางวินัยแล้ว", "outcome": "substantiated"},
    "decline_withdrawal": {"text": "มีหลักฐานเพียงพอ"},
    "decline_reopening": {"text": "ไม่มีข้อมูลใหม่"},
    "forward": {"unit": UNITS[0]},
    "complete": {"text": "เปลี่ยนหลอดแล้ว"},
    "note": {"text": "เทศบาลรับทราบแล้ว"},
}

# The coverage phase makes header values of letters and digits only (HEADER_ALLOWED_CHARS). For a pattern that needs quotes
# it so has none, and sends an invalid value as its "default positive test case". An entity tag has quotes: RFC 9110,
# section 8.8.3. https://github.com/schemathesis/schemathesis/pull/4533 mended the same for examples.
schemathesis.openapi.format("entity-tags", strategies.sampled_from(["*", '"1"', 'W/"2", "1.1"', '""', '"a,b"']))

# Bytes of any kind are no file of a kind that is taken.
schemathesis.openapi.format("binary", strategies.sampled_from(["ไฟล์แนบ", "a file"]))

@schemathesis.hook
def before_load_schema(context, raw_schema):
    for item in raw_schema["paths"].values():
        for operation in item.values():
            for parameter in operation["parameters"]:
                if parameter["name"] in ("If-Match", "If-None-Match"):
                    parameter["schema"]["format"] = "entity-tags"


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.path_parameters or {}
    if is_valid(case, ParameterLocation.PATH) and "id" in path and path["id"] in (None, "None"):
        # A link that the tool has inferred from a reference hands on its null as the text "None", which is no UUID
        # (RFC 9562, section 4). The document's own links take ids from fields that are never null.
        path["id"] = str(uuid.UUID(int=0))
    if is_valid(case, ParameterLocation.QUERY) and case.query:
        for place in "cursor", "since":
            case.query.pop(place, None)
        for name, known in FILTERS.items():
            # A code that no record has is refused.
            if case.query.get(name):
                case.query[name] = known
        if case.path == "/v1/audit/proofs":
            # Only the server knows how many events there are.
            for number in "seq", "first_size", "tree_size":
                case.query.pop(number, None)
        if case.path in ("/v1/complaints", "/v1/service-requests") and case.query.get("q"):
            case.query.pop("include_total", None)
        if case.query.get("near"):
            case.query["near"] = "15.1858,100.1251"
            case.query.pop("sort", None)
        else:
            case.query.pop("radius", None)
        if case.query.get("bbox"):
            # Degrees that are on the earth, the lower edge first.
            case.query["bbox"] = "100.12,15.18,100.14,15.2"
        if case.query.get("as_of"):
            # An instant of RFC 3339, but one that has been.
            case.query["as_of"] = "2024-04-24T17:00:00Z"
        if case.path in ("/v1/statistics/measures", "/v1/statistics/projects"):
            # Only the server knows since when it has a log.
            case.query.pop("as_of", None)
        if case.path == "/v1/colleagues" and case.query.get("complaint"):
            # Of one case.
            case.query.pop("service_request", None)
    if is_valid(case, ParameterLocation.HEADER) and case.headers:
        if "Idempotency-Key" in case.headers:
            # A key for each request, of the same form.
            case.headers["Idempotency-Key"] = case.headers["Idempotency-Key"][:96] + uuid.uuid4().hex
        # It goes with a website's token.
        case.headers.pop("Prongsai-Visitor", None)
        # Only a link hands on an ETag that was seen.
        if "If-Match" in case.headers and case.meta.phase.name != TestPhase.STATEFUL:
            case.headers["If-Match"] = "*"
    if is_valid(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        for body in case.body.get("items", [case.body]):
            mend(body)
        if case.path in ("/v1/complaint-categories/{id}", "/v1/units/{id}", "/v1/e-services/{code}", "/v1/guides/{guide}"):
            # They do not change.
            case.body.pop("code", None)
            case.body.pop("kind", None)
        if case.path in ("/v1/guides", "/v1/guides/{guide}"):
            mend_guide(case.body, is_new=case.path == "/v1/guides")
        if case.path in ("/v1/complaints", "/v1/complaints/{id}"):
            mend_complaint(case.body)
        if case.path == "/v1/links/{id}/transitions":
            # It is accepted by the hash of what was looked at.
            case.body["sha256"] = "0" * 64 if case.body.get("action") == "accept" else None
        if case.path.endswith("/attachments"):
            # Only pictures are taken before or after, and a form has no null.
            case.body.pop("taken", None)
        if case.path.endswith("/handover-file"):
            # A key of age has a checksum.
            case.body["recipient"] = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
        if case.path.endswith("/conversion"):
            mend_conversion(case.body)
        if case.path.endswith("/duplicate-of"):
            # Only the server knows which cases there are.
            case.body["duplicate_of_id"] = None
        if case.path == "/v1/complaints/{id}/recusals":
            # Only the server knows who has an account.
            case.body |= {"recused": [], "accused_unit": None}
        if case.path == "/v1/e-services/{code}/requests" and is_valid(case, ParameterLocation.PATH):
            # Each e-service asks for something else.
            path["code"] = "public-lighting"
            mend_request(case.body)
        if case.path in ("/v1/users", "/v1/users/{id}", "/v1/clients", "/v1/clients/{id}"):
            mend_rights(case.body)
        if "approvals" in case.path:
            mend_approval(case.body)
        elif case.path.endswith("s/{id}/transitions") and "identity" not in case.path:
            mend_step(case.body)
            if case.body["action"] == "reopen" and is_valid(case, ParameterLocation.QUERY) and case.query:
                # Closed duplicates stay closed.
                case.query.pop("with_duplicates", None)
        if case.path.endswith("/transitions/batch"):
            for step in case.body.get("items", []):
                mend_step(step)
    if is_valid(case, ParameterLocation.BODY) and case.path == "/oauth/token" and isinstance(case.body, dict):
        case.body["grant_type"] = "client_credentials"


def is_valid(case, location):
    part = case.meta.components.get(location)
    return (part or case.meta.generation).mode == GenerationMode.POSITIVE


def mend_guide(body, is_new):
    """The same of a guide: what its occasion fills in stands in its texts, and nothing else in braces."""
    if not is_new:
        # What the guide has is not known here.
        body |= {"occasion": "reference", "text": body.get("text") or "ข้อความ", "text_en": body.get("text_en")}
    for text in {"text", "text_en"} & body.keys():
        if body[text] and isinstance(body[text], str):
            body[text] = body[text][:7900].replace("{", "(").replace("}", ")") + FILLED_IN.get(body.get("occasion"), "")


def mend_complaint(body):
    """The same of a complaint: a category is of its kind."""
    if {"kind", "category"} & body.keys():
        body["kind"] = body.get("kind") or "corruption"
        body["category"] = CATEGORIES[body["kind"]]
    if body.get("channel"):
        body["channel"] = "web"
    if "subject" in body:
        body |= dict.fromkeys(("received_on", "register_no", "first_answered_on", "closing"))


def mend_request(body):
    """The same of a service request: what its form asks for, somebody who says who they are, somewhere."""
    body["form"] = {"fault": "out"}
    body["channel"] = "web"
    body |= dict.fromkeys(("booked_on", "received_on", "register_no", "closing"))
    if not any((body.get("applicant") or {}).values()):
        body["applicant"] = None
    place = body.get("location") or {}
    if None not in (place.get("latitude"), place.get("longitude")):
        # Within the demonstration's boundary.
        body["location"] |= {"latitude": 15.1858, "longitude": 100.1251}
    else:
        body["location"] = {"address": place.get("address") or "ซอย 3"}


def mend_conversion(body):
    """The same of a case that becomes one of the other kind."""
    if "category" in body:
        body["category"] = CATEGORIES[body["kind"]]
        return
    request = {name: body.get(name) for name in ("applicant", "location")}
    mend_request(request)
    body |= {name: request[name] for name in ("form", "applicant", "location")}
    body |= {"e_service": "public-lighting", "booked_on": None}


def mend_rights(body):
    """The same of a user or client: no scope that the command line alone gives, and units only where a right depends on them."""
    for names in "roles", "scopes":
        if body.get(names):
            body[names] = sorted(set(body[names]) - OPERATORS)
    if body.get("scopes") == []:
        body["scopes"] = ["measures:read"]
    if not OF_UNITS & {*(body.get("roles") or []), *(body.get("scopes") or [])}:
        body["units"] = []
    elif isinstance(body.get("units"), list):
        body["units"] = UNITS[: len(body["units"])]


def mend_approval(body):
    """The same of an approval: rights are of the operation that sets them."""
    body.pop("reason", None)
    if "operation" not in body:
        return
    body["subject"] = None
    if body["operation"] == "set_rights":
        body["roles"] = body.get("roles") or ["custodian"]
        mend_rights(body)
        return
    body["roles"], body["units"] = None, []
    if body["operation"] == "unlink_subject":
        # Only the server knows who is linked.
        body["operation"] = "disable"


def mend_step(body):
    """The same of a step with a complaint or a service request. Only the server knows who is an officer, and what is booked."""
    if body["action"] in ("publish", "unpublish", "withdraw", "approve", "deny", "hand_over"):
        return
    if body["action"] in ("assign", "reschedule", "tell_result"):
        body["action"] = "accept"
    for field in "text", "unit", "outcome", "assignee_id", "booked_on", "answer_due_on", "told_on", "referral":
        body.pop(field, None)
    body.update(STEPS.get(body["action"], {}))


def mend_publication(body):
    """The same of a version of a report and its steps. Only the server knows who holds a post, what is missing, and what was received."""
    if {"fiscal_year", "subject"} <= body.keys():
        body["no_complaints_in"] = None
        # What the demo has published is corrected for a reason, and nothing else is.
        is_published = (body["fiscal_year"], body["subject"]) == (2567, "integrity_measures_report")
        body["reason"] = "แก้ไขคำผิด" if is_published else None
    if body.get("action") in ("refresh", "submit", "sign", "return", "abandon"):
        body["override_reason"] = None
        body["comment"] = "โปรดตรวจสอบ" if body["action"] == "return" else None
    if "holders" in body:
        body["holders"] = []


def mend_closed_day(body):
    """The same of a closed day: an e-service that books days, and a Monday that is not far ahead."""
    body["e_service"] = "tree-cutting"
    body["date"] = "2024-04-22"
    body["move_to"] = None


def mend(body):
    """Makes a body that keeps its schema keep the other rules as well, also when it is merged into a record."""
    if body.get("responsible") is not None:
        responsible = body["responsible"]
        if responsible.get("all_units"):
            responsible["units"] = []
        else:
            responsible["all_units"] = False
            responsible["units"] = UNITS[: max(1, len(responsible.get("units") or []))]
    for password in {"password", "new_password"} & body.keys():
        body[password] = "a passphrase that nobody has"
    if body.get("expires_at"):
        # A day and time of RFC 3339, but in a year that can be meant.
        body["expires_at"] = "2027-09-30T17:00:00Z"
    if body.get("letter_on"):
        # A day of RFC 3339, but neither one before the case came nor one to come.
        body["letter_on"] = str((datetime.now(UTC) + timedelta(hours=7)).date())
    for day in "booked_on", "date", "due_on":
        if body.get(day):
            # A day of RFC 3339, but in a century that can be meant.
            body[day] = "20" + body[day][2:]
    if {"e_service", "date"} <= body.keys():
        mend_closed_day(body)
    days = body.get("recorded_from") or {}
    for day in {"integrity", "general", "service_requests"} & days.keys():
        # The first day of a month that is over.
        days[day] = days[day] and "2020" + days[day][4:8] + "01"
    for unit in (body.get("intake_units") or {}).keys():
        body["intake_units"][unit] = UNITS[0]
    if body.get("e_services"):
        body["e_services"] = ["public-lighting"]
    law = body.get("law")
    if law and (law.get("text") is None) != (law.get("check") is None):
        # Both or none.
        body["law"] = None
    if "finished_count" in body or "total" in body:
        # A year that is over, and no more closed cases than there are.
        body |= {"total": 12, "finished_count": 10, "e_service": None}
    if "period" in body:
        body["period"] = "2566"
    for unit in "unit", "accused_unit":
        if body.get(unit) is not None:
            body[unit] = UNITS[0]
    if body.get("form_schema") is not None:
        body["form_schema"] = FORM
    if body.get("reporter") and body["reporter"].get("national_id") is not None:
        # The last digit follows from the others.
        body["reporter"]["national_id"] = "1234567890121"
    if body.get("action") == "deny":
        body["text"] = body.get("text") or "ไม่จำเป็นต่อการสอบสวน"
    if body.get("action") == "hand_over":
        body["text"] = None
    for reference in {"predecessor_id", "measure_id", "parent", "items_of"} & body.keys():
        body[reference] = None
    for evidence in (body.get("evidence") or []) + (body.get("links") or []):
        # A link or a public file, and only the server knows which files there are.
        evidence.pop("file_id", None)
        evidence["url"] = evidence.get("url") or "https://www.example.go.th/"
    if {"links", "parts"} & body.keys():
        # Each part is on one of the links.
        body["parts"] = [part | {"link": 1} for part in body.get("parts") or [] if body.get("links")]
    if isinstance(body.get("score"), (int, float)):
        body["score"] = round(body["score"], 2)
    for start, end in (("starts_on", "ends_on"),):
        days = body.get(start), body.get(end)
        if {start, end} & body.keys() and (None in days or days[0] > days[1]):
            body[start] = body[end] = None
    if {"no_budget_used", "budget_allocated_baht", "budget_spent_baht"} & body.keys():
        if body.setdefault("no_budget_used", False):
            body["budget_allocated_baht"] = body["budget_spent_baht"] = None
    mend_publication(body)
    if body.get("action") == "publish":
        body["reason"] = None
    if body.get("action") == "unpublish" and body.get("reason") is None:
        body["reason"] = "ข้อมูลไม่ถูกต้อง"
