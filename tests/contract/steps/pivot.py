"""pandas makes of statistics as CSV and XLSX the tables that the JSON has, as docs/api-design.md says."""

from .service import serve
from .tools import HERE, ROOT, call, python


def run():
    with serve() as service:
        env = {
            "PRONGSAI": service["address"],
            "PAGE": ROOT / "docs/api-design.md",
            "AUDITOR": service["tokens"]["auditor"],
            "COMPLAINT_OFFICER": service["tokens"]["complaint_officer"],
        }
        return call(python("pandas") / "python", HERE / "clients/pivot.py", env=env)
