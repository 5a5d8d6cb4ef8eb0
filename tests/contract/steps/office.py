"""Every list, statistic and report as XLSX, and every report as DOCX, opened in LibreOffice and printed."""

import json
import shutil
import subprocess
import urllib.request
import uuid

from .fuzz import scopes_of
from .service import serve
from .tools import DOCUMENT, FOLDER, call, need

KINDS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}

COMPLAINT = {
    "kind": "corruption",
    "category": "bribery",
    "subject": "เรียกรับเงินค่าอนุญาต",
    "description": "เจ้าหน้าที่เรียกรับเงินสองพันบาท\r\nเพื่อให้คำขออนุญาตผ่านเร็วขึ้น",
}


def run():
    for wanted, packages in {
        "soffice": ("libreoffice-calc", "libreoffice-writer", "fonts-thai-tlwg"),
        "pdftotext": ("poppler-utils",),
    }.items():
        if fault := need(wanted, *packages):
            return fault
    folder = FOLDER / "office"
    shutil.rmtree(folder, ignore_errors=True)
    with serve() as service:
        for name, kind, content in tables(service):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            (folder / kind / f"{name}.{kind}").write_bytes(content)
    opened = 0
    for kind in KINDS.values():
        files = sorted((folder / kind).iterdir())
        if fault := call("soffice", "--headless", "--convert-to", "pdf", "--outdir", folder / kind, *files, quiet=True):
            return fault
        for file in files:
            text = subprocess.run(["pdftotext", file.with_suffix(".pdf"), "-"], capture_output=True, text=True).stdout
            if not text.strip() or "_x000D_" in text:
                return f"{file.name} is not printed as it is: {text[:200]!r}"
        opened += len(files)
    print(f"{opened} tables and reports opened")
    return None


def send(service, path, body):
    """Sends something as an officer for complaints, so that no list of them is empty."""
    headers = {
        "Authorization": f"Bearer {service['tokens']['complaint_officer']}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    request = urllib.request.Request(f"{service['address']}{path}", json.dumps(body).encode(), headers)
    urllib.request.urlopen(request).close()


def tables(service):
    """Each table or report that the document has: the name of its operation, its kind, the file."""
    document = json.loads(DOCUMENT.read_text())
    send(service, "/v1/complaints", COMPLAINT)
    for path, item in document["paths"].items():
        operation = item.get("get")
        if not operation or "{" in path:
            continue
        for kind in operation["responses"].get("200", {}).get("content", {}):
            if kind not in KINDS:
                continue
            required = [known for known in operation["parameters"] if known.get("required")]
            query = "&".join(f"{known['name']}=2567" for known in required) or "limit=100"
            request = urllib.request.Request(f"{service['address']}{path}?{query}&format={KINDS[kind]}")
            scopes = [scope for way in operation.get("security", []) for scopes in way.values() for scope in scopes]
            if scopes:
                token = next(token for token in service["tokens"].values() if scopes_of(token) & set(scopes))
                request.add_header("Authorization", f"Bearer {token}")
            with urllib.request.urlopen(request) as answer:
                yield operation["operationId"], KINDS[kind], answer.read()
