"""A month of an office, run through the API and compared with a model that shares no code with the service.

Usage: month.py SETUP.json

SETUP.json has the address of the service, its seed, and the id and token of each officer. The clock of the service is the caller's:
every line that is printed is a time, and the caller answers with a line when the clock shows it. The first difference between the
service and the model ends the program with exit status 1.
"""

import json
import random
import sys
import urllib.error
import urllib.request
import uuid
from collections import Counter
from datetime import date, timedelta
from math import ceil
from time import sleep

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 30)
CASES = 200
# The last day on which cases are received, so that the month can end with an empty work list.
RECEIVED_UNTIL = date(2026, 12, 24)
LEAVES_ON = date(2026, 12, 16)
RAIN = [date(2026, 12, 8), date(2026, 12, 22)]
# Declared by the cabinet four days before it.
NEW_HOLIDAY, DECLARED_ON = date(2026, 12, 18), date(2026, 12, 14)

CATEGORIES = {
    "corruption": ["bribery", "embezzlement", "conflict-of-interest"],
    "misconduct": ["abuse-of-power", "neglect-of-duty"],
    "service": ["service-quality", "nuisance"],
    "feedback": ["suggestion", "compliment"],
}
INTEGRITY = ("corruption", "misconduct")
FORMS = {
    "public-lighting": {"fault": "out", "pole_number": "ชน-0142", "lamp_count": 1},
    "tree-cutting": {"reason": "กิ่งพาดสายไฟ", "tree_count": 1, "land": "public"},
    "permit-application": {"permit_type": "building", "premises_address": "99/1 ถนนวงษ์โต"},
}
AWAITING = ("awaiting_reporter", "awaiting_applicant")
CLOSED = {"concluded", "rejected", "withdrawn", "completed", "referred", "cancelled"}

with open(sys.argv[1], encoding="utf-8") as file:
    SETUP = json.load(file)
RANDOM = random.Random(SETUP["seed"])


def differs(what, service, model):
    sys.exit(f"{today}: {what}: the service has\n{service}\nand the model\n{model}")


def same(what, service, model):
    if service != model:
        differs(what, service, model)


def call(method, path, body=None, who=None, expected=200):
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.UUID(int=RANDOM.getrandbits(128)))}
    if who:
        headers["Authorization"] = f"Bearer {SETUP['tokens'][who]}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SETUP["address"] + path, data, headers, method=method)
    # On a busy machine the service may ask to come again, with the same key.
    for _ in range(10):
        try:
            with urllib.request.urlopen(request) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        if status != 503:
            break
        sleep(1)
    if status != expected:
        sys.exit(f"{today}: {method} {path} {body}: {status} {text.decode()}")
    return json.loads(text)


def listed(path, who=None):
    while path:
        page = call("GET", path, who=who)
        yield from page["items"]
        path = (page["page"]["next"] or "").removeprefix(SETUP["address"])


def set_clock(day, time="09:00"):
    global today
    today = day
    print(f"{day}T{time}:00+07:00", flush=True)
    sys.stdin.readline()


# Days.


def works(day):
    return day.weekday() < 5 and day not in holidays


def after(start, count):
    while count:
        start += timedelta(1)
        count -= works(start)
    return start


def next_working(day):
    return day if works(day) else after(day, 1)


def between(start, end):
    return sum(works(start + timedelta(n)) for n in range(1, (end - start).days + 1))


class Promise:
    """A number of days, the day on which they end, and how it came about."""

    def __init__(self, start, days, not_before=None, are_calendar=False):
        self.days, self.are_calendar = days, are_calendar
        self.waited, self.paused_on, self.met_on = 0, None, None
        self.begin(start, not_before)

    def begin(self, start, not_before=None):
        self.start, self.waited = start, 0
        self.compute()
        if not_before:
            self.due_on = max(self.due_on, not_before)

    def compute(self):
        if self.are_calendar:
            last = self.start + timedelta(self.days)
            self.due_on = next_working(last)
            self.skipped = self.on_the_way(last - timedelta(1))
        else:
            self.due_on = after(self.start, self.days + self.waited)
            self.skipped = self.on_the_way(self.start)

    def on_the_way(self, start):
        days = (start + timedelta(n) for n in range(1, (self.due_on - start).days + 1))
        return [day for day in days if day in holidays and day.weekday() < 5]

    def stop(self):
        self.before, self.paused_on, self.due_on = self.due_on, today, None

    def go_on(self):
        """Later by the days waited, from the day that was promised before."""
        waited = between(self.paused_on, today)
        self.waited += waited
        start = next_working(self.before)
        self.due_on, self.paused_on = after(start, waited), None
        self.skipped += self.on_the_way(start)

    def move(self):
        """From a day that has become a holiday."""
        before, self.due_on = self.due_on, next_working(self.due_on)
        self.skipped += self.on_the_way(before - timedelta(1))

    def took(self):
        return between(self.start, self.met_on) - self.waited

    def is_late(self):
        return self.met_on is None and self.due_on is not None and self.due_on < today

    def seen(self, is_open):
        return {
            "due_on": self.due_on and str(self.due_on),
            "met_on": self.met_on and str(self.met_on),
            "overdue": is_open and self.is_late(),
            "working_days": None if self.are_calendar else self.days,
            "calendar_days": self.days if self.are_calendar else None,
            "starts_on": str(self.start),
            "waited_working_days": self.waited,
            "paused_on": self.paused_on and str(self.paused_on),
            "holidays": [str(day) for day in self.skipped],
        }


def shown(record, promise):
    return {name: value for name, value in record[promise].items() if name not in ("legal_basis", "holidays_complete")}


# Cases.


class Case:
    status, assignee, closed_on, outcome, rating, is_unanswered, reopened = "received", None, None, None, None, False, 0

    def is_open(self):
        return self.status not in CLOSED

    def step(self, who, action, **data):
        """Takes a step as an officer, and sees the record as it is then."""
        self.acts(action, data)
        answer = call("POST", f"/v1/{self.KIND}/{self.id}/transitions", {"action": action, **data}, who)
        self.compare(answer)

    def acts(self, action, data):
        """What a step of the office does in the model."""
        if action == "take":
            return
        if action in self.LEADS:
            self.status = self.LEADS[action]
        # The office has said something.
        self.is_unanswered = False
        if not self.is_open():
            self.closed_on = today

    def says(self, text="เมื่อใดจะแล้วเสร็จ"):
        call("POST", f"/v1/{self.KIND}/lookup/messages", {"receipt": self.receipt, "text": text}, expected=201)
        self.is_unanswered = True

    def rate(self):
        self.rating = RANDOM.randint(1, 5)
        call("POST", f"/v1/{self.KIND}/lookup/rating", {"receipt": self.receipt, "rating": self.rating})

    def read(self):
        self.compare(call("GET", f"/v1/{self.KIND}/{self.id}", who="first"))
        if self.receipt:
            own = call("POST", f"/v1/{self.KIND}/lookup", {"receipt": self.receipt})
            same(f"{self.reference} by its receipt", own["status"], self.status)
            for name, promise in self.promises().items():
                same(f"{self.reference} {name} by its receipt", shown(own, name), promise.seen(self.is_open()))

    def compare(self, record):
        same(f"{self.reference} status", record["status"], self.status)
        same(f"{self.reference} officer", record["assignee_id"], self.assignee and SETUP["ids"][self.assignee])
        same(f"{self.reference} day of receipt", record["received_on"], str(self.received_on))
        same(f"{self.reference} reopened", record["reopen_count"], self.reopened)
        for name, promise in self.promises().items():
            same(f"{self.reference} {name}", shown(record, name), promise.seen(self.is_open()))
        self.compare_more(record)

    def due(self):
        """The day that the work list is sorted by."""
        days = [promise.due_on for promise in self.promises().values() if promise.due_on and not promise.met_on]
        return min(days, default=None)

    def take(self, who):
        self.assignee = who
        self.step(who, "take")


class Complaint(Case):
    KIND = "complaints"
    LEADS = {
        "accept": "accepted", "investigate": "investigating", "ask": "awaiting_reporter", "resume": "investigating",
        "conclude": "concluded", "note": "concluded", "reject": "rejected", "accept_withdrawal": "withdrawn",
        "reopen": "investigating",
    }
    ANSWERS = {"accept", "reject", "ask", "conclude", "note", "accept_withdrawal"}

    def __init__(self, kind, category, channel, who, received_on=None):
        self.kind, self.category, self.channel, self.received_on = kind, category, channel, received_on or today
        self.first_answer = Promise(self.received_on, 15, are_calendar=True)
        self.conclusion = Promise(self.received_on, 60)
        body = {"kind": kind, "category": category, "subject": "ขอให้ตรวจสอบ", "description": "รายละเอียดตามที่แจ้ง"}
        if who:
            body |= {"channel": channel, "received_on": str(self.received_on)}
        given = call("POST", "/v1/complaints", body, who, 201)
        self.reference, self.receipt = given["reference"], None if who else given["receipt"]
        (record,) = listed(f"/v1/complaints?reference={self.reference}", "first")
        self.id = record["id"]

    def promises(self):
        return {"first_answer": self.first_answer, "conclusion": self.conclusion}

    def compare_more(self, record):
        same(f"{self.reference} outcome", record["outcome"], self.outcome)

    def acts(self, action, data):
        if action in self.ANSWERS and not self.first_answer.met_on:
            self.first_answer.met_on = today
        super().acts(action, data)
        if action == "reopen":
            self.closed_on = self.outcome = self.rating = self.conclusion.met_on = None
            self.reopened += 1
            self.conclusion.begin(today)
        elif self.conclusion.paused_on and self.status != "awaiting_reporter":
            self.conclusion.go_on()
        if action == "ask":
            self.conclusion.stop()
        if not self.is_open():
            self.outcome = "noted" if action == "note" else data.get("outcome")
            self.conclusion.met_on = today

    def answers(self):
        """The reporter answers a question, which the clock has waited for."""
        self.says("เหตุเกิดวันจันทร์ที่ผ่านมา")
        self.status = "investigating"
        self.conclusion.go_on()

    def wishes_to_withdraw(self):
        """A complaint of corruption or misconduct the office may go on with."""
        call("POST", "/v1/complaints/lookup/withdrawal", {"receipt": self.receipt})
        if self.kind in INTEGRITY:
            self.is_unanswered = True
            self.wish = True
        else:
            self.status, self.closed_on, self.conclusion.met_on = "withdrawn", today, today
            self.is_unanswered = False
            if self.conclusion.paused_on:
                self.conclusion.go_on()

    wish = False

    def goes_on(self, who):
        """The next step of its officer."""
        if self.wish:
            return self.step(who, "accept_withdrawal")
        match self.status:
            case "received" | "accepted" if self.kind == "feedback" and RANDOM.random() < 0.5:
                self.step(who, "note", text="เทศบาลรับทราบแล้ว")
            case "received" if RANDOM.random() < 0.1:
                self.step(who, "reject", text="ไม่มีพยานหลักฐานแวดล้อม")
            case "received":
                self.step(who, "accept")
            case "accepted" | "investigating" if RANDOM.random() < 0.5 and self.receipt and today < RECEIVED_UNTIL:
                self.step(who, "ask", text="เหตุเกิดเมื่อใด")
            case "accepted":
                self.step(who, "investigate")
            case "investigating":
                outcome = RANDOM.choice(["substantiated", "unsubstantiated", "referred"])
                where = {"referral": {"authority": "สำนักงาน ป.ป.ช."}} if outcome == "referred" else {}
                self.step(who, "conclude", outcome=outcome, text="ตรวจสอบแล้ว", **where)
            case "awaiting_reporter" if today >= LAST - timedelta(2):
                self.step(who, "resume")


class ServiceRequest(Case):
    KIND = "service-requests"
    LEADS = {
        "accept": "accepted", "start": "in_progress", "ask": "awaiting_applicant", "pause": "paused",
        "complete": "completed", "reject": "rejected", "refer": "referred", "reopen": "in_progress",
    }
    reminder_on, explained_on, result_due_on, result_told_on = None, None, None, None

    def __init__(self, service, who, received_on=None):
        self.service, self.channel, self.received_on = service, "phone" if who else "web", received_on or today
        self.booked_on = free_day() if service == "tree-cutting" else None
        self.completion = Promise(self.received_on, SERVICES[service]["working_days"], self.booked_on)
        body = {"form": FORMS[service], "applicant": {"phone": "081-234-5678"}}
        if SERVICES[service]["takes_location"]:
            body["location"] = {"address": "ซอย 3"}
        if self.booked_on:
            body["booked_on"] = str(self.booked_on)
        if who:
            body |= {"channel": self.channel, "received_on": str(self.received_on)}
        given = call("POST", f"/v1/e-services/{service}/requests", body, who, 201)
        self.reference, self.receipt = given["reference"], None if who else given["receipt"]
        (record,) = listed(f"/v1/service-requests?reference={self.reference}", "first")
        self.id = record["id"]

    def promises(self):
        return {"completion": self.completion}

    def compare_more(self, record):
        same(f"{self.reference} booked_on", record["booked_on"], (day := self.held_day()) and str(day))
        for name in ("reminder_on", "result_due_on", "result_told_on"):
            same(f"{self.reference} {name}", record[name], (day := getattr(self, name)) and str(day))
        notice = self.delay_notice_due_on()
        same(f"{self.reference} delay notice", record["delay_notice_due_on"], notice and str(notice))

    def held_day(self):
        """The booked day, unless the request has given it back."""
        return None if self.status in ("rejected", "referred", "cancelled") else self.booked_on

    def delay_notice_due_on(self):
        """The due day, and seven days after each notice."""
        due_on = self.completion.due_on
        if not self.is_open() or due_on is None or due_on > today:
            return None
        return max(due_on, self.explained_on + timedelta(7)) if self.explained_on else due_on

    def acts(self, action, data):
        if action in ("ask", "pause"):
            self.before = self.status
        elif action == "resume":
            self.status = self.before
        super().acts(action, data)
        if action == "reopen":
            self.closed_on = self.rating = self.completion.met_on = None
            self.explained_on = self.result_due_on = self.result_told_on = None
            self.reopened += 1
            self.completion.begin(today, self.booked_on)
        elif action == "ask":
            self.completion.stop()
            self.reminder_on = today + timedelta(7)
        elif action == "explain_delay":
            self.explained_on = today
        elif action == "tell_result":
            self.result_due_on, self.result_told_on = None, today
            return
        self.settle()
        # Who applied online reads the result with the receipt.
        if not self.is_open() and self.channel != "web":
            self.result_due_on = today + timedelta(7)

    def settle(self):
        """What a new status brings with it."""
        if self.completion.paused_on and self.status != "awaiting_applicant":
            self.completion.go_on()
            self.reminder_on = None
        if not self.is_open():
            self.closed_on = self.completion.met_on = today

    def answers(self):
        self.says("ส่งเอกสารแล้ว")
        self.status = self.before
        self.settle()

    def cancel(self):
        call("POST", "/v1/service-requests/lookup/cancellation", {"receipt": self.receipt})
        self.status, self.is_unanswered = "cancelled", False
        self.settle()

    def goes_on(self, who):
        if self.result_due_on:
            return self.step(who, "tell_result", told_on=str(today), text="โทรศัพท์แจ้งผลแล้ว")
        if self.delay_notice_due_on() and RANDOM.random() < 0.3:
            self.step(who, "explain_delay", text="รออะไหล่จากผู้ขาย")
        match self.status:
            case "received" | "accepted" | "in_progress" if self.receipt and RANDOM.random() < 0.2 and today < RECEIVED_UNTIL:
                self.step(who, "ask", text="โปรดส่งภาพถ่ายป้ายหมายเลขเสา")
            case "received" if RANDOM.random() < 0.08:
                self.step(who, "refer", text="อยู่ในอำนาจของหน่วยงานอื่น", referral={"authority": "การไฟฟ้าส่วนภูมิภาค"})
            case "received":
                self.step(who, "accept")
            case "accepted" if self.booked_on and self.booked_on > today and today < LAST - timedelta(4):
                pass
            case "accepted":
                self.step(who, "start")
            case "in_progress" if RANDOM.random() < 0.2 and today < RECEIVED_UNTIL:
                self.step(who, "pause", text="รออะไหล่")
            case "in_progress" if RANDOM.random() < 0.05:
                self.step(who, "reject", text="ตรวจสอบแล้วไม่อยู่ในพื้นที่")
            case "in_progress":
                self.step(who, "complete", text="ดำเนินการเรียบร้อย")
            case "paused" | "awaiting_applicant":
                self.step(who, "resume")


# The month.


def places(day):
    """Requests for tree cutting that can still be booked for a day."""
    if not works(day) or day in closed_days:
        return 0
    held = sum(case.held_day() == day for case in requests())
    return SERVICES["tree-cutting"]["capacity"] - held


def requests():
    return [case for case in cases if isinstance(case, ServiceRequest)]


def free_day():
    day = today + timedelta(RANDOM.randint(1, 6))
    while not places(day):
        day += timedelta(1)
    return day


def close_day(day, reason):
    """Closes a day for tree cutting. Its bookings take the next free places in the order in which they came."""
    closed_days.add(day)
    answer = call("POST", "/v1/closed-days", {"e_service": "tree-cutting", "date": str(day), "reason": reason}, "second", 201)
    moved = []
    for case in requests():
        if case.held_day() == day and case.status != "completed":
            case.booked_on = next(later for n in range(1, 90) if places(later := day + timedelta(n)))
            moved.append({"reference": case.reference, "booked_on": str(case.booked_on)})
    same("moved bookings", [{name: one[name] for name in ("reference", "booked_on")} for one in answer["moved"]], moved)
    return len(moved)


def declare_holiday():
    call("POST", "/v1/holidays", {"date": str(NEW_HOLIDAY), "name": {"th": "วันหยุดพิเศษตามมติคณะรัฐมนตรี"}}, "admin", 201)
    holidays.add(NEW_HOLIDAY)
    moved = 0
    for case in cases:
        due = [it for it in case.promises().values() if it.due_on == NEW_HOLIDAY and not it.met_on and case.is_open()]
        for promise in due:
            promise.move()
        moved += len(due)
    return moved


def leave(who, receivers):
    """Hands over a desk. A case goes to the first who may hold it, so complaints to one and requests to the other."""
    left = [case for case in cases if case.assignee == who and case.is_open()]
    kinds = ("complaint", "service_request")
    named = [{"id": SETUP["ids"][to], "kind": kind} for to, kind in zip(receivers, kinds)]
    answer = call("POST", "/v1/desk-handovers", {"from_id": SETUP["ids"][who], "receivers": named, "text": "ย้ายไปรับราชการที่อื่น"}, receivers[0])
    same("handed over", [answer["handed_over_count"], answer["remaining_count"]], [len(left), 0])
    for case in left:
        case.assignee = receivers[isinstance(case, ServiceRequest)]
    return len(left)


def receive():
    """A case of some kind by some way."""
    who = RANDOM.choice([None, None, RANDOM.choice(staff)])
    received_on = max(FIRST, today - timedelta(RANDOM.randint(0, 3))) if who else None
    if RANDOM.random() < 0.5:
        kind = RANDOM.choice(list(CATEGORIES))
        channel = RANDOM.choice(["letter", "phone", "walk_in"]) if who else "web"
        return Complaint(kind, RANDOM.choice(CATEGORIES[kind]), channel, who, received_on)
    return ServiceRequest(RANDOM.choice(["tree-cutting", *FORMS] if not who else ["public-lighting", "permit-application"]), who, received_on)


def citizens():
    """What reporters and applicants do by their receipts."""
    for case in cases:
        if not case.receipt:
            continue
        chance = RANDOM.random()
        if case.status in AWAITING and chance < 0.25:
            case.answers()
        elif case.is_open() and chance < 0.03 and not getattr(case, "wish", False):
            case.cancel() if isinstance(case, ServiceRequest) else case.wishes_to_withdraw()
        elif case.is_open() and chance < 0.1 and case.status not in AWAITING:
            case.says()
        elif case.status in ("completed", "concluded") and case.rating is None and chance < 0.3:
            case.rate()


def compare_work():
    """The work list and its counts, for each officer."""
    open_cases = [case for case in cases if case.is_open()]
    # Whoever is there can tell a result.
    results = [case for case in requests() if case.result_due_on]
    rows = open_cases + results
    due = {case: case.due() for case in open_cases} | {case: case.result_due_on for case in results}
    late = [case for case in rows if due[case] and due[case] < today]
    soon = after(today, 6)
    notices = {case: case.delay_notice_due_on() for case in requests()}
    for who in staff:
        selections = {
            "": rows,
            "mine=true": [case for case in open_cases if case.assignee == who],
            "unassigned=true": [case for case in open_cases if not case.assignee] + results,
            "overdue=true": late,
            "due_within=5": [case for case in rows if due[case] and today <= due[case] < soon],
            "awaiting_office=true": [case for case in rows if case.is_unanswered],
            "awaiting_sender=true": [case for case in open_cases if case.status in AWAITING],
            "reminder_due=true": [case for case in requests() if case.reminder_on and case.reminder_on <= today],
            "delay_notice_due=true": [case for case, day in notices.items() if day and day <= today],
        }
        for query, expected in selections.items():
            items = list(listed(f"/v1/work?limit=100&{query}", who))
            same(f"work {query}", sorted(it["reference"] for it in items), sorted(case.reference for case in expected))
            days = [it["due_on"] or "9999" for it in items]
            same(f"order of work {query}", days, sorted(days))
            by_reference = {case.reference: case for case in expected}
            for it in items:
                case = by_reference[it["reference"]]
                same(f"{case.reference} in work", [it["due_on"], it["overdue"]], [due[case] and str(due[case]), case in late])
                if it["due_on"] and due[case] >= today:
                    same(f"{case.reference} days left", it["days_left"], between(today, due[case]))
        counts = call("GET", "/v1/work?limit=1", who=who)["counts"]
        same("counts of work", list(counts.values()), [len(it) for it in selections.values()])


# Figures.


def rounded(part, whole):
    """A quotient with two decimals; half of the last is rounded up."""
    return (200 * part + whole) // (2 * whole) / 100


def figures(promises):
    took = sorted(promise.took() for promise in promises)
    in_time = sum(promise.met_on <= promise.due_on for promise in promises)

    def percentile(percent):
        return took[ceil(len(took) * percent / 100) - 1] if took else None

    share = rounded(100 * in_time, len(took)) if took else None
    return {"median_days": percentile(50), "percentile_90_days": percentile(90), "in_time_percent": share}


def totals(breakdown, name):
    return {it["value"]: it["total"] for it in breakdown[name] if it["total"]}


def december(figures_of_year):
    """The figures of the month, after it was seen what is said of the others."""
    ended = today > date(2026, 12, 31)
    coverage = {10: "not_recorded", 11: "not_recorded", 12: "recorded" if ended else "until", 1: "until" if ended else "to_come"}
    for period in figures_of_year["periods"]:
        month = date.fromisoformat(period["starts_on"]).month
        same(f"coverage of month {month}", period["coverage"], coverage.get(month, "to_come"))
        if coverage.get(month) not in ("recorded", "until"):
            same(f"figures of month {month}", [period["total"], period["finished_count"]], [None, None])
    (period,) = (it for it in figures_of_year["periods"] if it["starts_on"] == "2026-12-01")
    return period


def compare_figures():
    both = {}
    for kind in ("complaints", "e-services"):
        both[kind] = call("GET", f"/v1/statistics/{kind}?fiscal_year=2570&period=month", who="auditor")["current"]
    for group in both["complaints"]["by_group"]:
        ours = [case for case in cases if isinstance(case, Complaint) and (case.kind in INTEGRITY) == (group["value"] == "integrity")]
        compare_group(group, ours)
        breakdown = group["breakdown"]
        for name, field in (("by_category", "category"), ("by_channel", "channel")):
            same(name, totals(breakdown, name), Counter(getattr(case, field) for case in ours))
        same("first answers", unnamed(breakdown["first_answer"]), figures([it.first_answer for it in ours if it.first_answer.met_on]))
        ended = [case.conclusion for case in ours if case.status in ("concluded", "rejected")]
        same("conclusions", unnamed(breakdown["conclusion"]), figures(ended))
    for service in both["e-services"]["by_service"]:
        ours = [case for case in requests() if case.service == service["value"]]
        compare_group(service, ours)
    whole = both["e-services"]
    compare_group(whole, requests())
    ended = [case.completion for case in requests() if case.status == "completed"]
    same("completions", unnamed(whole["breakdown"]["completion"]), figures(ended))
    rated = [case.rating for case in requests() if case.rating]
    ratings = Counter(str(case.rating or "none") for case in requests() if not case.is_open())
    same("ratings", totals(whole["breakdown"], "by_rating"), ratings)
    mean = rounded(sum(rated), len(rated)) if rated else None
    same("satisfaction", whole["breakdown"]["satisfaction"], {"mean": mean, "rating_count": len(rated)})


def compare_group(group, ours):
    finished = [case for case in ours if not case.is_open()]
    counts = [len(ours), len(finished), len(ours) - len(finished)]
    same("figures of the month", [december(group)[name] for name in ("total", "finished_count", "in_progress_count")], counts)
    breakdown = group["breakdown"]
    same("results", totals(breakdown, "by_result"), Counter(case.outcome or case.status for case in finished))
    late = [case for case in ours if case.is_open() and any(promise.is_late() for promise in case.promises().values())]
    same("late and reopened", [breakdown["overdue_count"], breakdown["reopened_count"]], [len(late), sum(case.reopened > 0 for case in ours)])


def unnamed(figures_of_promise):
    return {name: value for name, value in figures_of_promise.items() if name != "label"}


def run():
    global staff
    day, left = FIRST, CASES
    while day <= LAST:
        set_clock(day)
        until = (RECEIVED_UNTIL - day).days + 1
        arriving = min(left, RANDOM.randint(0, 2 * left // until)) if until > 1 else left * (until == 1)
        left -= arriving
        for _ in range(arriving):
            cases.append(receive())
        citizens()
        if day == DECLARED_ON:
            told["promises moved by a holiday"] = declare_holiday()
            told["bookings moved"] += close_day(NEW_HOLIDAY, "วันหยุดพิเศษ")
        if day in RAIN:
            told["bookings moved"] += close_day(day, "ฝนตกหนัก")
        if day == LEAVES_ON:
            told["cases handed over"] = leave("third", ["first", "second"])
            staff = ["first", "second"]
        if works(day):
            work(day)
        told["late"] = max(told["late"], sum(promise.is_late() for case in cases if case.is_open() for promise in case.promises().values()))
        told["days waited"] += sum(case.status in AWAITING for case in cases)
        # What was not touched since is read once a week, and when something has moved promises or bookings.
        is_moving_day = day in RAIN or day == DECLARED_ON or day.weekday() == 2
        for case in cases:
            if case.closed_on == day or is_moving_day and case.is_open():
                case.read()
        compare_work()
        compare_figures()
        day += timedelta(1)
    same("open cases at the end", list(listed("/v1/work", "first")), [])
    set_clock(date(2027, 1, 4))
    compare_figures()
    told["cases"] = len(cases)
    told["reopened"] = sum(case.reopened for case in cases)
    if not all(told.values()):
        sys.exit(f"something did not happen in this month, so choose another seed: {told}")


def work(day):
    """The day of each officer, who does not always do first what is due first. In the last days the desks are cleared."""
    for who in staff:
        for _ in range(4 if day < RECEIVED_UNTIL else 1000):
            # In no state does the office wait for ever, but for a reporter or a booked day.
            able = [case for case in cases if case.is_open() and case.assignee in (None, who) and can_go_on(case)]
            able += [case for case in requests() if case.result_due_on]
            if not able:
                break
            is_most_urgent = RANDOM.random() < 0.6
            case = min(able, key=lambda case: getattr(case, "result_due_on", None) or case.due() or date.max) if is_most_urgent else RANDOM.choice(able)
            if case.is_open() and case.assignee is None:
                case.take(who)
            case.goes_on(who)
            told["reasons for delay"] += getattr(case, "explained_on", None) == today
            told["results told"] += getattr(case, "result_told_on", None) == today
        reopened = [case for case in cases if case.status in ("concluded", "completed") and case.assignee == who]
        if reopened and RANDOM.random() < 0.1 and day < RECEIVED_UNTIL:
            RANDOM.choice(reopened).step(who, "reopen", text="มีข้อมูลใหม่")


def can_go_on(case):
    if case.status in AWAITING:
        return today >= LAST - timedelta(2)
    booked = getattr(case, "booked_on", None)
    return not (case.status == "accepted" and booked and booked > today and today < LAST - timedelta(4))


today = FIRST
set_clock(FIRST)
cases, closed_days, told, staff = [], set(), Counter(), ["first", "second", "third"]
holidays = {date.fromisoformat(it["date"]) for it in listed("/v1/holidays?limit=100")}
SERVICES = {it["code"]: it for it in listed("/v1/e-services")}
run()
