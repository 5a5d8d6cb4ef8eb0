"""A program that gets in with Authlib, a standard OAuth client, and a person whose tokens it refreshes and revokes."""

import os

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

address = os.environ["PRONGSAI"]
metadata = requests.get(f"{address}/.well-known/oauth-authorization-server").json()

# Client credentials (RFC 6749, section 4.4), the secret in the header and in the body.
for method in "client_secret_basic", "client_secret_post":
    session = OAuth2Session(
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        scope="measures:write",
        token_endpoint=metadata["token_endpoint"],
        token_endpoint_auth_method=method,
        grant_type="client_credentials",
    )
    token = session.fetch_token()
    assert token["token_type"] == "Bearer" and token["scope"] == "measures:write", token
    me = session.get(f"{address}/v1/me").json()
    assert me["subject"] == os.environ["CLIENT_ID"] and me["scopes"] == ["measures:write"], me

# The token is what RFC 9068 says, by somebody else's library and the published keys.
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"]).json())
parsed = jwt.decode(token["access_token"], keys, algorithms=["Ed25519", "EdDSA"])
assert parsed.header["typ"] == "at+jwt" and parsed.claims["iss"] == metadata["issuer"], parsed
assert {"aud", "exp", "iat", "jti", "sub", "client_id"} <= parsed.claims.keys(), parsed.claims

# A wrong secret is told in the words of the RFC.
wrong = OAuth2Session(os.environ["CLIENT_ID"], "wrong", token_endpoint=metadata["token_endpoint"])
try:
    wrong.fetch_token(grant_type="client_credentials")
    raise AssertionError("a wrong secret was taken")
except Exception as error:
    assert getattr(error, "error", None) == "invalid_client", error

# A person's tokens, refreshed (section 6) and revoked (RFC 7009).
login = {"login": "editor", "password": os.environ["PASSWORD"]}
tokens = requests.post(f"{address}/v1/login", json=login).json()
person = OAuth2Session(None, token=tokens, token_endpoint_auth_method="none")
fresh = person.refresh_token(metadata["token_endpoint"])
assert fresh["refresh_token"] != tokens["refresh_token"]
assert person.get(f"{address}/v1/me").json()["user"]["login"] == "editor"
person.revoke_token(metadata["revocation_endpoint"], token=fresh["refresh_token"]).raise_for_status()
form = {"grant_type": "refresh_token", "refresh_token": fresh["refresh_token"]}
ended = requests.post(metadata["token_endpoint"], form)
assert ended.status_code == 400 and ended.json()["error"] == "invalid_grant", ended.text
