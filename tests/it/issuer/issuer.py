"""A small identity provider: its keys over https on a free port, which it prints, and how often it was asked in a file."""

import http.server
import ssl
import sys
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1])


class Keys(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with (FOLDER / "asked").open("a") as asked:
            asked.write(f"{self.path}\n")
        body = (FOLDER / "jwks.json").read_bytes()
        self.send_response(200 if self.path == "/jwks.json" else 302)
        self.send_header("Location", "/jwks.json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(HERE / "server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
