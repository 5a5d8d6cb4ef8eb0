"""A gate that cannot close is none: one disagreement at a time is planted in a copy of the document, and the tests, which
hold every answer against that copy, must fail over it. Without one they pass."""

import copy
import json
import os
import subprocess

from .tools import DOCUMENT, FOLDER, ROOT


def renamed_field(document):
    measure = document["components"]["schemas"]["Measure"]
    measure["properties"]["headline"] = measure["properties"].pop("title")
    measure["required"][measure["required"].index("title")] = "headline"
    return '"headline" is a required property'


def undocumented_status(document):
    del document["paths"]["/v1/measures"]["post"]["responses"]["201"]
    return "post /v1/measures 201: the status is not documented"


def missing_header(document):
    headers = document["paths"]["/v1/measures"]["get"]["responses"]["200"]["headers"]
    headers["X-Total-Count"] = {"required": True, "schema": {"type": "string"}}
    return "get /v1/measures 200: X-Total-Count is missing"


def looser_schema(document):
    del document["components"]["schemas"]["MeasureInput"]["properties"]["number"]["maximum"]
    return "refused although the document allows it"


def unknown_parameter_accepted(document):
    parameters = document["paths"]["/v1/measures"]["get"]["parameters"]
    parameters.remove(next(parameter for parameter in parameters if parameter["name"] == "topic"))
    return "the request was accepted: topic is no parameter"


def missing_security_requirement(document):
    operation = document["paths"]["/v1/measures"]["post"]
    operation["security"] = []
    del operation["responses"]["401"], operation["responses"]["403"]
    return "post /v1/measures 401: the status is not documented"


PLANTS = [
    renamed_field,
    undocumented_status,
    missing_header,
    looser_schema,
    unknown_parameter_accepted,
    missing_security_requirement,
]


def run():
    document = json.loads(DOCUMENT.read_text())
    if told := tests_fail(document):
        return f"the tests fail without a disagreement:\n{told}"
    for plant in PLANTS:
        planted = copy.deepcopy(document)
        sign = plant(planted)
        told = tests_fail(planted)
        if not told or sign not in told:
            return f"{plant.__name__}: the tests do not say {sign!r}\n{told or 'they pass'}"
        print(f"{plant.__name__:<30}found: {sign}")
    return None


def tests_fail(document):
    """What the tests of the contract and of measures say, if they fail."""
    file = FOLDER / "planted.json"
    file.write_text(json.dumps(document))
    env = {**os.environ, "PRONGSAI_TEST_DOCUMENT": str(file), "RUST_BACKTRACE": "0"}
    env.pop("DATABASE_URL", None)
    command = ["cargo", "test", "--quiet", "--test", "it", "--", "contract::", "measures::"]
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    return result.returncode and result.stdout + result.stderr
