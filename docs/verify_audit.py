#!/usr/bin/env python3
"""Verifies an export of the audit log with nothing but Python's standard library.

It shares no code with the service, so that neither has to be believed alone. docs/audit.md describes the format and
what each finding means. Exits with 0 if all is well, 1 if anything was found, 2 if the input cannot be used, 3 if the
checkpoint of --since is of the log before a restore that was acknowledged.
"""

import argparse
import itertools
import json
import os
import re
import sys
from base64 import b64decode, b64encode
from collections import Counter
from datetime import datetime, time, timedelta
from hashlib import sha256, sha512

# Ed25519, RFC 8032 section 5.1. A point is (X, Y, Z, T) with x = X/Z, y = Y/Z and xy = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def point(encoded):
    """The point with this encoding, or None: each has but one that is taken."""
    number = int.from_bytes(encoded, "little")
    y, odd = number % 2**255, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or x * x % P != square or (x == 0 and odd):
        return None
    x = x if x % 2 == odd else P - x
    return x, y, 1, x * y % P


def add(one, other):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    minus, plus, t, z = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2), 2 * D * t1 * t2, 2 * z1 * z2
    e, f, g, h = (plus - minus) % P, (z - t) % P, (z + t) % P, (plus + minus) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signature(signature, message, public):
    a, s = point(public), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or s >= ORDER:
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus_a = (P - a[0], a[1], 1, P - a[3])
    addends, total = {1: BASE, 2: minus_a, 3: add(BASE, minus_a)}, (0, 1, 1, 0)
    for bit in reversed(range(253)):
        total = add(total, total)
        if which := (s >> bit & 1) + 2 * (k >> bit & 1):
            total = add(total, addends[which])
    inverse = pow(total[2], -1, P)
    x, y = total[0] * inverse % P, total[1] * inverse % P
    # Comparing bytes refuses every encoding of R but the canonical one.
    return (y + (x % 2 << 255)).to_bytes(32, "little") == signature[:32]


def in_base64(data):
    return b64encode(data).decode()


def from_base64(text, length=None):
    """The bytes, or None if there are none or not so many, or they would be written in another way."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if in_base64(data) == text and length in (None, len(data)) else None


def read_key(text):
    """Name, id and public key of what `prongsai audit key` prints."""
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text.strip())
    key = from_base64(match[3], 33) if match else None
    if not key or key[0] != 1 or point(key[1:]) is None:
        raise ValueError("is neither a file nor NAME+ID+KEY with an Ed25519 key, as `prongsai audit key` prints it")
    name, key_id = match[1], sha256(match[1].encode() + b"\n" + key).digest()[:4]
    if key_id.hex() != match[2]:
        raise ValueError("the key's id does not belong to its name and key")
    return name, key_id, key[1:]


def read_note(note, key):
    """The text of a signed note (C2SP), and whether this key has signed it."""
    text, _, signatures = note.partition("\n\n")
    signed = [re.fullmatch(r"\u2014 (\S+) (\S+)", line) for line in signatures.split("\n")[:-1]]
    if not signatures.endswith("\n") or not all(signed):
        raise ValueError("is not a signed note")
    name, key_id, public = key
    # Others may have signed as well, as witnesses.
    ours = [from_base64(match[2]) or b"" for match in signed if match[1] == name]
    good = (is_signature(it[4:], f"{text}\n".encode(), public) for it in ours if it[:4] == key_id)
    return f"{text}\n", any(good)


def read_checkpoint(note, key):
    """Origin, size and root hash of a checkpoint, and whether this key has signed it."""
    text, is_ours = read_note(note, key)
    origin, size, root = [*text.split("\n"), "", ""][:3]
    root = from_base64(root, 32)
    is_size = re.fullmatch("0|[1-9][0-9]{0,18}", size) and int(size) < 2**63
    if not origin or not is_size or root is None:
        raise ValueError("does not say origin, size and root hash")
    return origin, int(size), root, is_ours


class Tree:
    """The hashes of the perfect subtrees (RFC 6962, section 2.1): a dictionary by index for each level."""

    def __init__(self):
        self.levels = [{} for _ in range(64)]

    def add(self, index, digest):
        for level in self.levels:
            level.setdefault(index, digest)
            sibling = level.get(index ^ 1)
            if sibling is None or level[index] is not digest:
                return
            digest = sha256(b"\1" + (sibling + digest if index % 2 else digest + sibling)).digest()
            index //= 2

    def root(self, size):
        """The root of so many leaves, or None if some are missing."""
        sizes = (level for level in reversed(range(64)) if size >> level & 1)
        parts = [self.levels[level].get((size >> level) - 1) for level in sizes]
        if None in parts:
            return None
        root = parts.pop() if parts else sha256().digest()
        for left in reversed(parts):
            root = sha256(b"\1" + left + root).digest()
        return root


TEXT, OPTIONAL, NUMBER = [str], [str, type(None)], [int]
LINES = {  # in their order
    "export": {"version": NUMBER, "origin": TEXT, "size": NUMBER},
    "event": {"seq": NUMBER, "leaf": TEXT, "hash": TEXT, "salt": OPTIONAL, "detail": OPTIONAL},
    "node": {"level": NUMBER, "index": NUMBER, "hash": TEXT},
    "record": {"resource": TEXT, "record": OPTIONAL, "document": [dict]},
    "checkpoint": {"note": TEXT},
}
LEAF = {"seq": NUMBER, "hour": TEXT, "action": TEXT, "resource": TEXT, "record": OPTIONAL, "role": TEXT}
LEAF |= {"actor": TEXT, "commitment": OPTIONAL}
DETAIL = {"at": TEXT, "document": [dict, type(None)]}
# The note of an event that acknowledges the restore of an older copy of the database.
ACKNOWLEDGES = "acknowledge_restore", "audit"
RESTORE = {"reason": TEXT, "divergence": TEXT, "lost": [dict], "found": [dict], "common": NUMBER, "signed": TEXT}
SIZE = {"size": NUMBER, "root": TEXT}

# The end of a case, and of a request for the identity of its reporter: whose earlier details were erased with it. Events
# about the sealed identity have the id of the complaint.
ERASES = {
    ("destroy", "complaints"): ("complaints", "sealed-identities"),
    ("destroy", "service-requests"): ("service-requests",),
    ("delete", "identity-requests"): ("identity-requests",),
}
PARTS = {("delete", "identity-requests"), ("delete", "sealed-identities")}
# Records that the service deletes. Of all others one that is gone was removed without it.
DELETED = {
    "identity-requests", "sealed-identities", "measures", "projects", "holidays", "closed-days", "posts", "public-files", "ita-items",
    "ita-disclosures", "reported-figures",
}
CLOSES = {
    "complaints": {"reject", "conclude", "note", "withdraw", "accept_withdrawal", "convert"},
    "service-requests": {"reject", "refer", "complete", "cancel", "convert"},
}
APPROVES, END_OF_APPROVAL = "approve_destruction", {"reopen", "hold", "release"}

# Kinds that are counted as complaints of corruption and misconduct.
COUNTED = {"corruption", "misconduct"}
BANGKOK = timedelta(hours=7)
STATISTICS = {"complaint_statistics": "complaints", "service_statistics": "service-requests"}

MOST_FINDINGS = 100


def read_json(text, fields=None, what=""):
    """An object with these fields or those of its kind, whatever else it has. `what` says which part of a line it is."""
    try:
        # NaN and Infinity are not JSON, and int refuses them.
        value = json.loads(text if isinstance(text, str) else text.decode(), parse_constant=int)
    except ValueError:
        raise ValueError(f"{what}is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError(f"{what}is not a JSON object")
    fields = fields or LINES.get(str(value.get("kind")))
    if fields is None:
        raise ValueError("is of no known kind")
    for name, types in fields.items():
        it = value.get(name)
        if name not in value or type(it) not in types or (type(it) is int and not 0 <= it < 2**63):
            raise ValueError(f"{what}has no valid {name}")
    return value


def differences(one, other):
    """The fields that are not the same. As texts, since 1, 1.0 and true are equal to Python."""
    one, other = ({(name, json.dumps(it[name], sort_keys=True)) for name in it} for it in (one, other))
    return ", ".join(sorted({name for name, _ in one ^ other}))


class Verification:
    def __init__(self, key):
        self.key, self.tree, self.origin, self.size = key, Tree(), None, None
        self.findings, self.counts = {}, dict.fromkeys([*LINES, "finding", "erased", "recomputed"], 0)
        self.next_seq, self.end, self.shift, self.last_signed, self.covered = 0, 0, 0, -1, 0
        # Of each record: whether it must exist (None: cannot be told), after which event, and that event's detail.
        self.known, self.nodes, self.records = {}, set(), set()
        # Events without a detail, by their record, until an event is found that erased them.
        self.missing = {}
        # The latest hour up to now; cases that are closed, with the event and the latest hour by then; events that delete a
        # part of a complaint, until the next event destroys it; and what is told of each case that was destroyed.
        self.hour, self.closed, self.parts, self.ends = "", {}, [], []
        # Cases whose destruction is approved.
        self.approved = set()
        # Cases that were destroyed, until their record says so, with the event; which of the ends is about them, and the hour of
        # their closing event.
        self.destroyed, self.told_of = {}, {}
        # Restores that the log acknowledges, by the number of the event; and the auditor's checkpoint, if one explains it.
        self.restores, self.replaced = {}, None
        # Records of published statistics in JSON; codes of e-services by their id; and of each publication the hour in which
        # it was drafted, with the hash of its content.
        self.files, self.services, self.drafts = [], {}, {}
        # Records of the agency, each with the hour of its event: they say since when all cases are recorded.
        self.agency = []
        # Of each case, by its name: the hour in which it was received, the hours in which it was closed (True) or reopened,
        # the hours in which its kind changed, with the kind before; and of its record the kind or service, channel and month.
        self.cases = {}

    def found(self, place, told):
        self.counts["finding"] += 1
        kept = self.findings.setdefault(place.split(" ")[0], [])
        if len(kept) < MOST_FINDINGS:
            # The gravest comes first.
            kept.append((0 if place.startswith("since") else self.counts["finding"], f"{place}: {told}"))

    def read(self, lines):
        number, before, order = 0, "export", list(LINES)
        for number, text in enumerate(lines, 1):
            try:
                line = read_json(text)
                kind = line["kind"]
                if (number == 1) != (kind == "export"):
                    self.found(f"line {number}", "the first line, and no other, says what is exported")
                elif order.index(kind) < order.index(before):
                    self.found(f"line {number}", f"is out of place: {kind} after {before}")
                before = kind
                self.counts[kind] += 1
                getattr(self, kind)(line)
            except (ValueError, RecursionError) as fault:
                told = {UnicodeEncodeError: "is not UTF-8", RecursionError: "is nested too deeply"}
                self.found(f"line {number}", told.get(type(fault), fault))
        if number == 0:
            self.found("line 1", "is missing")

    def export(self, line):
        if line["version"] != 1:
            raise ValueError(f"version {line['version']} of the format is not known")
        self.origin, self.size = line["origin"], line["size"]

    def event(self, line):
        seq, text, place = line["seq"], line["leaf"], f"event {line['seq']}"
        digest = sha256(b"\0" + text.encode()).digest()
        if seq != self.next_seq:
            self.found(place, f"stands where event {self.next_seq} belongs")
        self.next_seq = seq + 1
        if in_base64(digest) != line["hash"]:
            self.found(place, "its text is not the one that was logged")
        leaf = read_json(text, LEAF, "its text ")
        # A shift is told once. Each leaf goes where its own text says, so that one that is missing does not make all
        # nodes after it wrong.
        if leaf["seq"] - seq not in (0, self.shift):
            self.found(place, f"its text is that of event {leaf['seq']}")
        self.shift = leaf["seq"] - seq
        self.tree.add(leaf["seq"], digest)
        self.end = max(self.end, leaf["seq"] + 1)
        self.end_of_case(seq, leaf)
        detail = self.opened(place, line, leaf)
        is_right = line["detail"] is not None and detail not in (None, False)
        self.history(seq, leaf, json.loads(line["detail"]) if is_right else {})
        if is_right and (leaf["action"], leaf["resource"]) == ACKNOWLEDGES:
            self.acknowledge(seq, place, json.loads(line["detail"]))
        self.remember(leaf, seq, detail)

    def end_of_case(self, seq, leaf):
        """Details may be missing where a case was destroyed: one that was closed, and whose destruction was approved."""
        name, does = (leaf["resource"], leaf["record"]), (leaf["action"], leaf["resource"])
        self.hour = max(self.hour, leaf["hour"])
        if leaf["action"] == "delete" and leaf["resource"] not in DELETED:
            self.found(f"event {seq}", "deletes a record of a kind that is never deleted")
        if leaf["action"] in CLOSES.get(leaf["resource"], ()):
            # An hour of before would make it look old.
            self.closed[name] = seq, self.hour
        elif leaf["action"] == "reopen":
            self.closed.pop(name, None)
        if leaf["action"] == APPROVES:
            self.approved.add(name)
        elif leaf["action"] in END_OF_APPROVAL:
            self.approved.discard(name)
        requests = 0
        if does in PARTS:
            # An identity has the id of its complaint.
            self.parts.append((seq, leaf["record"] if leaf["resource"] == "sealed-identities" else None))
        else:
            is_end = does == ("destroy", "complaints")
            requests = sum(of is None for _, of in self.parts) if is_end else 0
            self.parts_alone([(part, of) for part, of in self.parts if not is_end or of not in (None, leaf["record"])])
        for resource in ERASES.get(does, ()) if leaf["record"] is not None else ():
            self.counts["erased"] += len(self.missing.pop((resource, leaf["record"]), []))
        if leaf["action"] == "destroy" and leaf["resource"] in CLOSES:
            closed, hour = self.closed.pop(name, (None, None))
            if closed is None:
                self.found(f"event {seq}", "destroys a case that was not closed")
            else:
                told = f"destroyed {leaf['hour']}: {called(name).removeprefix('record ')}, in event {seq}, with {requests} requests for an identity"
                self.told_of[name] = len(self.ends), hour
                self.ends.append(f"{told}; closed {hour}, in event {closed}")
            if name not in self.approved:
                self.found(f"event {seq}", "destroys a case, and the log does not have that this was approved")
            self.approved.discard(name)
            self.destroyed[name] = seq

    def history(self, seq, leaf, detail):
        if leaf["resource"] == "agency" and detail.get("document"):
            self.agency.append((leaf["hour"], detail["document"]))
        if leaf["record"] is None:
            return
        if leaf["resource"] == "publications" and detail.get("document"):
            content = detail["document"].get("content_sha256")
            if leaf["action"] in ("create", "refresh"):
                self.drafts[leaf["record"]] = leaf["hour"], content
            elif self.drafts.get(leaf["record"], (None, None))[1] != content:
                self.found(f"event {seq}", "is about a publication whose content is not the one that was drafted")
        if leaf["resource"] not in CLOSES:
            return
        case = self.cases.setdefault((leaf["resource"], leaf["record"]), [leaf["hour"], [], [], None])
        if leaf["action"] == "reopen" or leaf["action"] in CLOSES[leaf["resource"]]:
            case[1].append((leaf["hour"], leaf["action"] != "reopen"))
        elif leaf["action"] == "change_kind" and detail.get("note"):
            case[2].append((leaf["hour"], detail["note"].get("from")))

    def parts_alone(self, parts):
        for seq, _ in parts:
            self.found(f"event {seq}", "deletes what belongs to a case, and the case was not destroyed with it")
        self.parts = []

    def opened(self, place, line, leaf):
        """The detail if it has a document, empty if it has none, None if it is missing, False if it is not the right one."""
        salt, detail, commitment = line["salt"], line["detail"], leaf["commitment"]
        if salt is None and detail is None:
            if commitment is None:
                return ""
            self.missing.setdefault((leaf["resource"], leaf["record"]), []).append(line["seq"])
            return None
        if salt is None or detail is None:
            self.found(place, "has half of a detail")
        elif not (salt := from_base64(salt, 32)) or in_base64(sha256(salt + detail.encode()).digest()) != commitment:
            self.found(place, "its detail is not the one that was logged")
        else:
            return "" if read_json(detail, DETAIL, "its detail ")["document"] is None else detail
        return False

    def acknowledge(self, seq, place, detail):
        try:
            restore = read_json(json.dumps(detail.get("note")), RESTORE)
            lost, found = (read_json(json.dumps(restore[it]), SIZE) for it in ("lost", "found"))
            first = {"shorter": found["size"], "forked": restore["common"]}[restore["divergence"]]
            if first >= lost["size"]:
                raise ValueError
        except (ValueError, KeyError):
            return self.found(place, "does not say what was lost")
        trees = [lost["size"], lost["root"], found["size"], found["root"]]
        said = [self.origin, ACKNOWLEDGES[0], restore["divergence"], *trees, restore["common"], restore["reason"]]
        try:
            text, is_ours = read_note(restore["signed"], self.key)
        except ValueError as fault:
            return self.found(place, fault)
        if not is_ours:
            self.found(place, f"is not signed by this key in the name {self.key[0]}")
        elif text != "".join(f"{line}\n" for line in said):
            self.found(place, "is not the acknowledgement that was signed")
        else:
            self.restores[seq] = restore | {"at": detail["at"], "first": first}

    def remember(self, leaf, seq, detail):
        name = leaf["resource"], leaf["record"]
        if leaf["action"] == "delete":
            self.known[name] = (False, seq, None)
        elif detail in (None, False):
            # It may have been about the record or only beside it. What existed before was at least not deleted.
            self.known[name] = (self.known.get(name, [None])[0] or None, seq, detail)
        elif detail:
            self.known[name] = (True, seq, detail)

    def node(self, line):
        level, index, place = line["level"], line["index"], f"node {line['level']}/{line['index']}"
        computed = self.tree.levels[level].get(index) if 0 < level < 64 else None
        if (level, index) in self.nodes:
            self.found(place, "is there twice")
        elif computed and in_base64(computed) != line["hash"]:
            self.found(place, "is not the hash of the events below it")
        elif not computed and (not 0 < level < 64 or index + 1 << level > max(self.end, self.size or 0)):
            self.found(place, "is not part of this tree")
        # Others that cannot be computed are above events that are missing, which is told of those.
        self.nodes.add((level, index))

    def record(self, line):
        name = line["resource"], line["record"]
        place, (exists, seq, detail) = called(name), self.known.get(name, (None, None, None))
        if isinstance(line["document"], dict) and line["document"].get("destroyed_on") is not None:
            self.destroyed.pop(name, None)
            self.closed_before(name, line["document"].get("closed_on"))
        if name in self.records:
            self.found(place, "is there twice")
        elif seq is None:
            self.found(place, "is there without an event")
        elif exists is False:
            self.found(place, f"is there although event {seq} deleted it")
        elif detail is None:
            self.found(place, f"cannot be compared, as the detail of event {seq} is missing")
        elif detail and (fields := differences(read_json(detail, DETAIL)["document"], line["document"])):
            self.found(place, f"is not as event {seq} left it: {fields}")
        self.records.add(name)
        document = line["document"]
        if name in self.cases:
            about = document.get("kind" if name[0] == "complaints" else "e_service_id")
            self.cases[name][3] = about, document.get("channel"), str(document.get("received_on"))[:7]
        elif line["resource"] == "e-services":
            self.services[document.get("id")] = document.get("code")
        elif line["resource"] == "publication-files" and document.get("text") is not None:
            self.files.append((place, document))

    def closed_before(self, name, closed_on):
        """Tells when a destroyed case was closed, if that was before it was entered: it came on paper."""
        if name not in self.told_of or not isinstance(closed_on, str):
            return
        index, hour = self.told_of[name]
        if closed_on < str((datetime.fromisoformat(hour) + BANGKOK).date()):
            self.ends[index] += f", on {closed_on} by its record"

    def checkpoint(self, line):
        checkpoint = read_checkpoint(line["note"], self.key)
        _, size, _, is_signed = checkpoint
        if is_signed:
            if size <= self.last_signed:
                self.found(f"checkpoint {size}", f"stands after checkpoint {self.last_signed}")
            self.last_signed = size
        self.hold_against("checkpoint", checkpoint)

    def hold_against(self, what, checkpoint):
        (origin, size, root, is_signed), events = checkpoint, self.counts["event"]
        place = f"{what} {size}"
        if not is_signed:
            self.found(place, f"is not signed by this key in the name {self.key[0]}")
        elif self.origin not in (None, origin):
            self.found(place, f"is of the log {origin}, not of {self.origin}")
        elif size <= events and self.tree.root(size) == root:
            self.covered = max(self.covered, size)
        elif what == "since" and self.is_lost(size, root):
            self.replaced = size
        elif size > events:
            self.found(place, f"covers {size} events, but only {events} are there")
        else:
            self.found(place, f"the first {size} events are not those that were signed")

    def is_lost(self, size, root):
        """Whether a checkpoint is of what was lost in a restore that the log acknowledges."""
        for restore in self.restores.values():
            lost = restore["lost"]
            if restore["common"] < size < lost["size"] or (size, in_base64(root)) == (lost["size"], lost["root"]):
                return True
        return False

    def is_of_its_time(self, publication, as_of, ends_on):
        """Whether the figures of a draft are those of the midnight before, and a statement is about days before that."""
        if publication not in self.drafts:
            return False
        drafted = datetime.fromisoformat(self.drafts[publication][0])
        # A draft that is written just after midnight may have been assembled just before.
        days = {(it + BANGKOK).date() for it in (drafted, drafted - timedelta(hours=1))}
        at = datetime.fromisoformat(as_of) + BANGKOK
        return at.time() == time() and at.date() in days and (ends_on is None or ends_on < str(at.date()))

    def recorded_from(self, resource, publication, as_of):
        """The days from which the cases were recorded: as stated at the instant of the figures, which is a full hour, and still in the
        record before the hour of the draft or in one of that hour. Of both the later."""
        hour = self.drafts.get(publication, ("",))[0]
        kind = {"complaints": "integrity", "service-requests": "service_requests"}[resource]
        day = lambda records: [it.get(f"{kind}_recorded_from") for it in records] or [None]
        then = day([it for at, it in self.agency if at < as_of][-1:])[0]
        still = [it for at, it in self.agency if at < hour][-1:] + [it for at, it in self.agency if at == hour]
        return [then and it and max(then, it) for it in day(still)]

    def recompute(self, place, document):
        """Counts the cases of published statistics as they were at the instant of the figures, and compares."""
        text = document["text"]
        if sha256(text.encode()).hexdigest() != document.get("sha256"):
            self.found(place, "its text does not have its hash")
        published = read_json(text, {"subject": TEXT})
        resource = STATISTICS.get(published.get("subject"))
        if resource is None:
            return
        self.counts["recomputed"] += 1
        as_of, months = published["as_of"], published.get("months") or [published]
        if not self.is_of_its_time(document.get("publication_id"), as_of, published.get("ends_on")):
            self.found(place, "its figures are not those of the midnight before it was drafted")
        first, last = months[0]["starts_on"][:7], months[-1]["ends_on"][:7]
        days = self.recorded_from(resource, document.get("publication_id"), as_of)
        of_days = [it for _, it, of in claims(published) if len(of) < 3] if "months" in published else []
        if not any(all(said(it) == covered(day, as_of, *span(it)) for it in of_days) for day in days):
            self.found(place, "what it says of the days that were recorded does not follow from the log")
        if published.get("statement") is not None:
            if not any(covered(day, as_of, *span(published))[0] in ("recorded", "until") for day in days):
                self.found(place, "says that there were none, of days that were not recorded")
        # Months that were not recorded, whatever the log has of them.
        blank = {it["starts_on"][:7] for it in published.get("months") or [] if it["recorded_from"] is None}
        # A midnight in Bangkok is a full hour in UTC, so hours are exact.
        counted = Counter()
        for (of, _), (since, closings, kinds, record) in self.cases.items():
            if of != resource or record is None or since >= as_of or not first <= record[2] <= last:
                continue
            about, channel, month = record
            if of == "complaints" and next((it for hour, it in kinds if hour >= as_of), about) not in COUNTED:
                continue
            service = self.services.get(about)
            is_closed = next((closes for hour, closes in reversed(closings) if hour < as_of), False)
            counted[service, month, channel, is_closed] += 1
        for what, figures, of in claims(published):
            of_month = of[1] if len(of) > 1 else None
            is_blank = figures.get("recorded_from", "") is None
            cases = [
                (it[3], many)
                for it, many in counted.items()
                if all(map(lambda one, its: one in (None, its), of, it)) and (of_month or it[1] not in blank)
            ]
            total, finished = sum(many for _, many in cases), sum(many for is_closed, many in cases if is_closed)
            counts = {"complaint_count": total, "total": total, "finished_count": finished}
            for field, count in (counts | {"in_progress_count": total - finished}).items():
                if field not in figures:
                    continue
                figure = figures[field]
                # Of days that were not recorded there is no figure, and where there is none otherwise, there is no case.
                is_right = count == 0 or is_blank if figure is None else figure == count and not is_blank
                if not is_right:
                    self.found(place, f"{what}{field} is {json.dumps(figure)}, the log has {count}")

    def finish(self, since):
        if self.size not in (None, self.counts["event"]):
            self.found("size", f"{self.counts['event']} events are there, the log's head says {self.size}")
        for level, index in ((level, index) for level in range(1, 64) for index in self.tree.levels[level]):
            if (level, index) not in self.nodes:
                self.found(f"node {level}/{index}", "is missing")
        self.parts_alone(self.parts)
        for seq in sorted(itertools.chain.from_iterable(self.missing.values())):
            self.found(f"event {seq}", "its detail is missing")
        for name, seq in sorted(self.destroyed.items()):
            self.found(called(name), f"is not there as a destroyed case, although event {seq} destroyed it")
        for name, (exists, _, _) in self.known.items():
            if exists and name not in self.records:
                self.found(called(name), "is gone without an event")
        for place, document in self.files:
            try:
                self.recompute(place, document)
            except (ValueError, KeyError, TypeError, RecursionError):
                self.found(place, "its figures cannot be read")
        for seq, restore in self.restores.items():
            root = self.tree.root(restore["found"]["size"])
            if root is None or in_base64(root) != restore["found"]["root"]:
                self.found(f"event {seq}", "acknowledges the restore of another log")
                restore["found"] = None
        # What no checkpoint covers, anybody with the database can have added.
        of_this_log = ((seq, it) for seq, it in self.restores.items() if it["found"] and seq < self.covered)
        self.restores = dict(of_this_log)
        if since:
            self.hold_against("since", since)

    def report(self):
        # Each kind of finding has its share of the lines, so that many of one do not hide another.
        in_turn = itertools.chain.from_iterable(itertools.zip_longest(*self.findings.values()))
        for _, told in sorted(itertools.islice(filter(None, in_turn), MOST_FINDINGS)):
            print(printable(told))
        events, findings, erased = (self.counts[it] for it in ("event", "finding", "erased"))
        if findings > MOST_FINDINGS:
            print(f"and {findings - MOST_FINDINGS} more")
        for told in self.ends:
            print(printable(told))
        for seq, it in self.restores.items():
            told = f"events {it['first']} to {it['lost']['size'] - 1} were lost, acknowledged in event {seq}: {it['reason']}"
            print(printable(f"restored at {it['at']}: {told}"))
        if findings:
            print(f"FAILED: {findings} findings in {events} events")
            return
        held = ", ".join(f"{self.counts[kind]} {kind}s" for kind in list(LINES)[1:])
        erased = f"; {erased} details were erased" if erased else ""
        recomputed = self.counts["recomputed"]
        erased += f"; {recomputed} published statistics were recomputed" if recomputed else ""
        outcome = "OK: "
        if self.replaced is not None:
            outcome = f"RESTORED: since {self.replaced} is of the log before a restore; this one has "
        print(f"{outcome}{held}; the last signed one covers {self.covered} events{erased}")


def span(figures):
    """The days that figures are of."""
    months = figures.get("months") or [figures]
    return months[0]["starts_on"], months[-1]["ends_on"]


def said(figures):
    """What figures say of the days that were recorded."""
    return tuple(figures.get(it) for it in ("coverage", "recorded_from", "recorded_until"))


def covered(day, as_of, first, last):
    """What was recorded of the days from the first to the last, if all cases were from a day on, at a midnight."""
    over = str((datetime.fromisoformat(as_of) + BANGKOK - timedelta(microseconds=1)).date())
    until = min(last, over)
    since = max(day, first) if day is not None and max(day, first) <= until else None
    if first > over:
        coverage = "to_come"
    elif since is None:
        coverage = "not_recorded"
    elif last > over:
        coverage = "until"
    else:
        coverage = "recorded" if since == first else "partly_recorded"
    return coverage, since, until if since else None


def claims(published):
    """What is said, the figures, and of which cases: service, month and channel, where they are given."""
    yield "", published, ()
    for month in published.get("months", []):
        yield f"{month['key']}: ", month, (None, month["starts_on"][:7])
    for service in published.get("services", []):
        yield f"{service['code']}: ", service, (service["code"],)
        for month in service["months"]:
            yield f"{service['code']} {month['key']}: ", month, (service["code"], month["starts_on"][:7])
    for slice in published.get("channels") or []:
        # What protects people is not stated.
        if slice["total"] is not None:
            yield f"{slice['value']}: ", slice, (None, None, slice["value"])


def printable(text):
    """What stands in a file must neither end the line nor steer the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def called(name):
    return " ".join(["record", *filter(None, name)])


def read_text(file):
    # Editors and mail programs change the ends of lines and of the file, which changes nothing that is signed.
    with open(file, encoding="utf-8-sig") as opened:
        return opened.read().strip("\n") + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", metavar="EXPORT", help="the export, as JSON Lines")
    parser.add_argument("--key", required=True, help="what `prongsai audit key` prints, or a file with it")
    since_help = "a file with a checkpoint that you have kept: the log must begin with it"
    parser.add_argument("--since", metavar="CHECKPOINT", help=since_help)
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")
    what = "--key"
    try:
        key = read_key(read_text(arguments.key) if os.path.isfile(arguments.key) else arguments.key)
        what = f"--since: {arguments.since}"
        since = read_checkpoint(read_text(arguments.since), key) if arguments.since else None
        what, verification = arguments.export, Verification(key)
        with open(arguments.export, "rb") as lines:
            verification.read(lines)
    except OSError as error:
        parser.exit(2, f"error: {what}: {error.strerror}\n")
    except ValueError as fault:
        parser.exit(2, f"error: {what}: {fault}\n")
    verification.finish(since)
    verification.report()
    if verification.counts["finding"]:
        return 1
    return 0 if verification.replaced is None else 3


if __name__ == "__main__":
    sys.exit(main())
