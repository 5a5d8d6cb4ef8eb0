"""/docs in Chromium."""

import shutil

from .service import serve
from .tools import FOLDER, HERE, call, need


def run():
    if fault := need("chromium", "chromium"):
        return fault
    # Beside node_modules, where its imports are found.
    shutil.copy(HERE / "browser.mjs", FOLDER)
    with serve() as service:
        env = {"PRONGSAI": service["address"], "CHROMIUM": shutil.which("chromium")}
        env |= {"CLIENT_ID": service["client_id"], "CLIENT_SECRET": service["client_secret"]}
        return call("node", "browser.mjs", env=env)
