"""Random documents filled into random forms: what is taken somebody else's validator of JSON Schema takes as well, and nothing fails."""

from .service import serve
from .tools import HERE, call, python


def run():
    with serve() as service:
        env = {
            "PRONGSAI": service["address"],
            "EDITOR": service["tokens"]["editor"],
            "OFFICER": service["tokens"]["service_officer"],
        }
        return call(python("open311") / "python", HERE / "clients/forms.py", env=env)
