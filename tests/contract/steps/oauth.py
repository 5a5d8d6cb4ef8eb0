"""Somebody else's OAuth client: it finds the endpoint by the metadata, gets a token, calls the API, logs out."""

from .service import serve
from .tools import HERE, call, python


def run():
    with serve() as service:
        env = {
            "PRONGSAI": service["address"],
            "CLIENT_ID": service["client_id"],
            "CLIENT_SECRET": service["client_secret"],
            "PASSWORD": service["password"],
            # The demonstration has no TLS; a deployment has a proxy that has it.
            "AUTHLIB_INSECURE_TRANSPORT": "1",
        }
        return call(python("oauth") / "python", HERE / "clients/oauth_client.py", env=env)
