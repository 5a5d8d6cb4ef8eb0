"""docs/clients.md, run as it stands: every snippet, and a longer program beside each generated client."""

import csv
import io
import os
import re
import shutil
import urllib.request

from .service import serve
from .tools import FOLDER, HERE, ROOT, call, need, python

PAGE = ROOT / "docs/clients.md"

# How a snippet of a language is run, in which file.
RUN = {
    "sh": ("snippet.sh", ["bash", "-euo", "pipefail", "snippet.sh"]),
    "python": ("snippet.py", [python("generators") / "python", "snippet.py"]),
    "typescript": ("snippet.ts", ["bash", "-c", "npx tsc --project . && node snippet.js"]),
    "php": ("snippet.php", ["php", "snippet.php"]),
}
PROGRAMS = {"python": "client.py", "typescript": "client.ts", "php": "client.php"}


def run():
    php = "php-cli", "php-curl", "php-mbstring", "php-guzzlehttp-guzzle"
    guzzle = "/usr/share/php/GuzzleHttp/autoload.php"
    if fault := need("curl", "curl") or need("java", "default-jre-headless") or need("php", *php) or need(guzzle, *php):
        return fault
    with serve() as service:
        env = {
            "PRONGSAI": service["address"],
            "TOKEN": service["tokens"]["editor"],
            "PATH": f"{python('generators')}:{FOLDER}/node_modules/.bin:{os.environ['PATH']}",
        }
        shutil.rmtree(FOLDER / "clients", ignore_errors=True)
        for section, title in sections(PAGE.read_text()):
            fault = section_runs(title, section, env)
            if fault:
                return f"docs/clients.md, {title}: {fault}"
    return None


def sections(page):
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    return zip(parts[1::2], parts[::2])


def section_runs(title, section, env):
    folder = FOLDER / "clients" / title.lower().replace(" ", "-")
    shutil.copytree(HERE / "clients", folder)
    for language, snippet in re.findall(r"^```(\w+)\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL):
        if language == "text":
            if fault := is_a_spreadsheet(snippet, env["PRONGSAI"]):
                return fault
            continue
        file, command = RUN[language]
        (folder / file).write_text(snippet)
        if fault := call(*command, cwd=folder, env=env):
            return fault
        if title.lower() == language:
            (folder / file).write_text((folder / PROGRAMS[language]).read_text())
            if fault := call(*command, cwd=folder, env=env):
                return f"tests/contract/clients/{PROGRAMS[language]}: {fault}"
    print(f"{title}: runs")
    return None


def is_a_spreadsheet(snippet, address):
    """What a spreadsheet program is told to fetch is CSV with a head and a row."""
    found = re.findall(r"https://api\.example\.go\.th(/[^\s\"]+)", snippet)
    for path in found:
        with urllib.request.urlopen(address + path) as answer:
            rows = list(csv.reader(io.TextIOWrapper(answer, "utf-8-sig")))
            if answer.headers.get_content_type() != "text/csv" or len(rows) < 2:
                return f"{path} is no table"
    return None if found else "no address to fetch"
