"""Clients of Open311 GeoReport v2 that others wrote find the e-services, ask for one and read what became of it, in XML and JSON."""

from .service import serve
from .tools import HERE, call, python


def run():
    with serve() as service:
        env = {"OPEN311": f"{service['address']}/open311/v2", "OFFICER": service["tokens"]["service_officer"]}
        return call(python("open311") / "python", HERE / "clients/open311_client.py", env=env)
