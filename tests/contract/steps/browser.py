"""/docs in Chromium."""

from .service import serve
from .tools import chromium


def run():
    with serve() as service:
        return chromium("browser.mjs", {
            "PRONGSAI": service["address"],
            "CLIENT_ID": service["client_id"],
            "CLIENT_SECRET": service["client_secret"],
        })
