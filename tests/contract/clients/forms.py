"""Makes forms and fills them in at random, always in the same way."""

import collections
import json
import os
import random
import uuid

import jsonschema
import requests

ADDRESS = os.environ["PRONGSAI"]
FORMS, DOCUMENTS = 60, 25
WORDS = ["ก", "กา", "ถนน", "a", "abc", "x" * 20, "2024-02-29", "2024-02-30", "0812345678", "a@b.co", "", "ก ข", "true", "1"]
NUMBERS = [0, 1, -1, 2, 3, 10, 100, 1.5, 2.0, 1e300, -0.0, 2**53, 2**70]
dice = random.Random(2567)


def schema(depth):
    """Some schema; of those that forms can have, and now and then one that none can."""
    kind = dice.choice(["string", "string", "integer", "number", "boolean", "enum", "object", "array", "any", "not", "wrong"])
    if depth == 0 and kind in ("object", "array", "any", "not"):
        kind = "string"
    some = lambda **fields: {name: value for name, value in fields.items() if dice.random() < 0.5}
    match kind:
        case "string":
            return {"type": "string"} | some(minLength=dice.randrange(4), maxLength=dice.randrange(2, 20)) | dice.choice(
                [{}, {}, {"pattern": dice.choice(["^a", "^[0-9]{9,10}$", "^[ก-๙]+$", "b|c"])}, {"format": "date"}]
            )
        case "integer" | "number":
            return {"type": kind} | some(minimum=dice.randrange(-2, 3), maximum=dice.randrange(3, 50), multipleOf=dice.randrange(1, 4))
        case "boolean":
            return {"type": "boolean"}
        case "enum":
            return {"enum": dice.sample([*WORDS, *NUMBERS[:6], True, None, [1], {"a": 1}], 4)}
        case "object":
            fields = {name: schema(depth - 1) for name in dice.sample("abcd", dice.randrange(1, 4))}
            rest = dice.choice([True, False, schema(depth - 1)])
            return {"type": "object", "properties": fields, "additionalProperties": rest} | some(required=list(fields)[:1], maxProperties=3)
        case "array":
            return {"type": "array", "items": schema(depth - 1)} | some(
                minItems=dice.randrange(2), maxItems=dice.randrange(1, 4), uniqueItems=True, contains=schema(depth - 1)
            )
        case "any":
            return {dice.choice(["anyOf", "oneOf", "allOf"]): [schema(depth - 1) for _ in range(dice.randrange(1, 4))]}
        case "not":
            return {"if": schema(depth - 1), "then": schema(depth - 1), "else": {"not": schema(depth - 1)}}
    return dice.choice([{"type": "text"}, {"$ref": "#"}, {"$ref": "http://x"}, {"pattern": "(?=a)"}, {"minLength": "1"}, {"multipleOf": 0.1}])


def form():
    fields = {f"f{number}": schema(2) for number in range(dice.randrange(1, 5))}
    required = [name for name in fields if dice.random() < 0.3]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def value(depth, like=None):
    """Some document, mostly one that a schema may mean."""
    like = like if isinstance(like, dict) and dice.random() < 0.9 else {}
    for several in "anyOf", "oneOf", "allOf":
        if several in like:
            return value(depth, dice.choice(like[several]))
    if "enum" in like:
        return dice.choice(like["enum"])
    kind = like.get("type") or dice.choice(["string", "number", "boolean", "null", *(["object", "array"] if depth else [])])
    match kind:
        case "string":
            return dice.choice(WORDS)
        case "integer" | "number":
            return dice.choice(NUMBERS)
        case "boolean":
            return dice.random() < 0.5
        case "object":
            fields = like.get("properties", {"a": {}, "b": {}})
            return {name: value(depth - 1, field) for name, field in fields.items() if dice.random() < 0.8}
        case "array":
            return [value(depth - 1, like.get("items")) for _ in range(dice.randrange(4))]
    return None


def call(method, path, body, token=None):
    headers = {"Idempotency-Key": uuid.UUID(int=dice.getrandbits(128)).hex, "Content-Type": "application/json"}
    if token:
        headers |= {"Authorization": f"Bearer {token}", "If-Match": "*"}
    answer = requests.request(method, ADDRESS + path, data=json.dumps(body), headers=headers)
    assert answer.status_code < 500 or (answer.status_code == 503 and "Retry-After" in answer.headers), (answer.text, body)
    return answer


def read(path):
    answer = requests.get(ADDRESS + path, headers={"Authorization": f"Bearer {os.environ['OFFICER']}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


counts = collections.Counter()
for number in range(FORMS):
    service = {"code": f"form-{number}", "name": {"th": "แบบฟอร์ม"}, "unit": "public-works", "working_days": 1, "form_schema": form()}
    made = call("POST", "/v1/e-services", service, os.environ["EDITOR"])
    if made.status_code != 201:
        assert made.status_code == 422 and made.json()["errors"], made.text
        counts["forms refused"] += 1
        continue
    counts["forms taken"] += 1
    judge = jsonschema.Draft202012Validator(service["form_schema"])
    jsonschema.Draft202012Validator.check_schema(service["form_schema"])
    for _ in range(DOCUMENTS):
        document = value(3, service["form_schema"])
        sent = call("POST", f"/v1/e-services/{service['code']}/requests", {"form": document}, os.environ["OFFICER"])
        if sent.status_code != 201:
            assert sent.status_code in (400, 422) and sent.json()["errors"], sent.text
            counts["documents refused"] += 1
            continue
        kept = read(f"/v1/service-requests?reference={sent.json()['reference']}")["items"][0]["form"]
        faults = [error.message for error in judge.iter_errors(kept)]
        assert not faults, (service["form_schema"], kept, faults)
        counts["documents taken"] += 1
print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
assert min(counts[what] for what in ("forms taken", "forms refused", "documents taken", "documents refused")) > 10, counts
