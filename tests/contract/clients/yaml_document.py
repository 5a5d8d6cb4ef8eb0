"""PyYAML, which reads YAML 1.1, finds in both YAML documents what is in the JSON: no key or value becomes a boolean, a date or null."""

import json
import os
import urllib.request
from pathlib import Path

import yaml

ADDRESS, FOLDER = os.environ["PRONGSAI"], Path(os.environ["DOCUMENTS"])


def difference(here, there, place=""):
    """The first place where two documents differ, by value or by type."""
    if type(here) is not type(there):
        return f"{place}: {here!r} and {there!r}"
    if isinstance(here, dict):
        if here.keys() != there.keys():
            return f"{place}: keys {sorted(map(repr, here.keys() ^ there.keys()))}"
        pairs = ((f"{place}/{key}", here[key], there[key]) for key in here)
    elif isinstance(here, list):
        if len(here) != len(there):
            return f"{place}: {len(here)} and {len(there)} items"
        pairs = ((f"{place}/{index}", *both) for index, both in enumerate(zip(here, there)))
    else:
        return None if here == there else f"{place}: {here!r} and {there!r}"
    return next((found for found in (difference(one, other, place) for place, one, other in pairs) if found), None)


def served(kind):
    with urllib.request.urlopen(f"{ADDRESS}/openapi.{kind}") as answer:
        return answer.read()


# What is compared would be found.
planted = yaml.safe_load("properties: {no: {example: 2024-02-05}}")
assert difference(planted, {"properties": {"no": {"example": "2024-02-05"}}}) == "/properties: keys [\"'no'\", 'False']"

for name, json_text, yaml_text in [
    ("committed", (FOLDER / "openapi.json").read_bytes(), (FOLDER / "openapi.yaml").read_bytes()),
    ("served", served("json"), served("yaml")),
]:
    document = json.loads(json_text)
    found = difference(yaml.safe_load(yaml_text), document)
    assert not found, f"{name}: YAML and JSON differ at {found}"
    print(f"openapi.yaml, {name}: {len(document['paths'])} paths, as in JSON")
