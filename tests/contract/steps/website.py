"""examples/website in Chromium, and examples/php on PHP's own server."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

from .service import serve
from .tools import FOLDER, ROOT, chromium, need


def run():
    return site() or php()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def site():
    port = free_port()
    with serve(None, "--cors-origins", f"http://localhost:{port}", "--challenge-bits", "17") as service:
        tokens = service["tokens"]
        return chromium("website.mjs", {
            "PRONGSAI": service["address"],
            "PRONGSAI_PID": str(service["pid"]),
            "WEBSITE": str(ROOT / "examples/website"),
            "PORT": str(port),
            "OFFICER": tokens["service_officer"],
            "COMPLAINT_OFFICER": tokens["complaint_officer"],
        })


class Between(BaseHTTPRequestHandler):
    """Passes on what PHP asks the service, and notes it with its status and the bytes of the answer."""

    target, asked = None, []

    def pass_on(self):
        length = int(self.headers.get("Content-Length") or 0)
        request = urllib.request.Request(self.target + self.path, self.rfile.read(length) or None, method=self.command)
        for name, value in self.headers.items():
            if name not in ("Host", "Connection", "Content-Length"):
                request.add_header(name, value)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        except OSError:
            return self.connection.close()
        body = answer.read()
        self.asked.append((self.path, dict(self.headers), answer.status, len(str(answer.headers)) + len(body)))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = pass_on

    def log_message(self, *_):
        pass


def php():
    """The measures twice, complaints of two visitors, and all of it with the service killed."""
    if fault := need("php", "php-cli"):
        return fault
    cache = FOLDER / "php-cache"
    shutil.rmtree(cache, ignore_errors=True)
    between = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    threading.Thread(target=between.serve_forever, daemon=True).start()
    with serve() as service:
        Between.target = service["address"]
        client = post(service, "clients", {"display_name": "เว็บไซต์เทศบาล", "scopes": ["complaints:submit"]})["id"]
        port = free_port()
        env = os.environ | {
            "PRONGSAI": f"http://127.0.0.1:{between.server_port}",
            "PRONGSAI_CACHE": str(cache),
            "CLIENT_ID": client,
            "CLIENT_SECRET": post(service, f"clients/{client}/secrets", {})["secret"],
        }
        command = ["php", "-S", f"127.0.0.1:{port}", ROOT / "examples/php/prongsai.php"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return visited(port, service["pid"])
        finally:
            process.terminate()
            process.wait()
            between.shutdown()


def post(service, path, body):
    headers = {"Authorization": f"Bearer {service['tokens']['admin']}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{service['address']}/v1/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def visit(port, visitor, form=None):
    """Status and text of the page, for somebody with another address."""
    for attempt in range(50):
        connection = HTTPConnection("127.0.0.1", port, timeout=30, source_address=(visitor, 0))
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
            connection.request("POST" if form else "GET", "/", form and urlencode(form), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise RuntimeError("PHP does not answer")


def visited(port, pid):
    asked = Between.asked
    first = visit(port, "127.0.0.1")
    whole = {path: size for path, _, status, size in asked if status == 200}
    again = visit(port, "127.0.0.1")
    unchanged = {path: size for path, _, status, size in asked if status == 304}
    if first[0] != 200 or first[1].count("<li>") != 6 or again[1].count("<li>") != 6:
        return f"PHP does not show six measures: {first}"
    measures = next(path for path in whole if path.startswith("/v1/measures"))
    print(f"PHP: {whole[measures]} bytes of measures, {unchanged.get(measures)} when unchanged")
    if unchanged.keys() != whole.keys() or 10 * unchanged[measures] > whole[measures]:
        return f"unchanged answers are sent again: {asked}"

    key = re.search('name="key" value="([0-9a-f]{32})"', first[1])[1]
    form = {"key": key, "category": "corruption/bribery", "subject": "", "description": "<b>สองพันบาท</b>"}
    status, text = visit(port, "127.0.0.2", form)
    if status != 422 or "&lt;b&gt;สองพันบาท" not in text or key not in text:
        return f"PHP does not show what is wrong: {status} {text}"
    form["subject"] = "เรียกรับเงิน"
    sent = [visit(port, "127.0.0.2", form) for _ in range(2)]
    references = {re.search("เลขรับเรื่อง ([0-9A-Z-]+)", text)[1] for status, text in sent if status == 200}
    if len(references) != 1:
        return f"a form that is sent twice is no complaint, or two: {sent}"
    visit(port, "127.0.0.3", form | {"key": key[::-1]})
    visitors = {headers.get("Prongsai-Visitor") for path, headers, *_ in asked if path == "/v1/complaints"}
    tokens = [path for path, *_ in asked if path == "/oauth/token"]
    if len(visitors) != 2 or None in visitors or len(tokens) != 1:
        return f"visitors are not told apart, or there is a token for each: {visitors} {tokens}"

    os.kill(pid, signal.SIGKILL)
    status, text = visit(port, "127.0.0.1")
    if status != 200 or text.count("<li>") != 6 or "ติดต่อระบบไม่ได้" not in text:
        return f"PHP does not show the last good answer: {status} {text}"
    status, text = visit(port, "127.0.0.1", form | {"key": "0" * 32})
    if status != 503 or "สองพันบาท" not in text:
        return f"PHP loses a complaint that could not be sent: {status} {text}"
    print("PHP: the page works, also with the service stopped")
    return None
