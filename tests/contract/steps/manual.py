"""docs/officers.th.md, followed as it stands: from the login to a concluded complaint."""

import re

from .service import serve
from .tools import FOLDER, ROOT, call, need

PAGE = ROOT / "docs/officers.th.md"


def run():
    if fault := need("curl", "curl") or need("jq", "jq"):
        return fault
    snippets = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    script = FOLDER / "officers.sh"
    script.write_text("\n".join([*snippets, '[ "$(curl -fsS "$API/v1/complaints/$ID" -H "Authorization: Bearer $TOKEN" | jq -r .status)" = concluded ]\n']))
    with serve() as service:
        env = {"PRONGSAI": service["address"], "PASSWORD": service["password"]}
        return call("bash", "-euo", "pipefail", script, env=env)
