"""What the vendors' unmodified clients are given to work with a test's own account."""

from __future__ import annotations

import base64
import json
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .sms import Sms

CALL_SECONDS = 30.0


def kandy(sms: Sms) -> dict[str, str]:
    """A user and a project, whose default number is the account's."""
    project = sms.client.projects.create("Test", default_number=sms.number)
    return _place(sms) | {
        "client_id": sms.person.kandy_client_id or "", "email": sms.person.email,
        "password": sms.person.password or "", "project_client_id": project.client_id or "",
        "project_client_secret": project.client_secret or "",
    }  # fmt: skip


def vonage(sms: Sms) -> dict[str, str]:
    """The account's api_key with its secrets."""
    own = sms.account.vonage
    return _place(sms) | {
        "api_key": own.api_key, "api_secret": own.api_secret, "signature_secret": own.signature_secret,
    }  # fmt: skip


def vonage_application(sms: Sms) -> dict[str, str]:
    """The same with an application and its private key, made as any client of Vonage's makes one."""
    own = vonage(sms)
    made = _call(
        sms, "/v2/applications", own["api_key"], own["api_secret"], {"name": "Test", "capabilities": {}}
    )
    return own | {"application_id": made["id"], "private_key": made["keys"]["private_key"]}


def sipgate(sms: Sms) -> dict[str, str]:
    """A user's e-mail, password and a token that may do everything; its extension, and the one that texts."""
    token = sms.client.tokens.create(sms.person.id, "Test", ["all"])
    user = _call(sms, "/v2/authorization/userinfo", token.id, token.token)["sub"]
    return _place(sms) | {
        "email": sms.person.email, "password": sms.person.password or "", "token_id": token.id,
        "token": token.token, "user_id": user, "sms_id": f"s{user[1:]}",
    }  # fmt: skip


def _place(sms: Sms) -> dict[str, str]:
    """Where the server is: for clients that want TLS host, port and the authority that they have to trust."""
    return {"base_url": sms.url, "https": sms.textwire.https, "ca_file": sms.textwire.ca_file}


def _call(sms: Sms, path: str, name: str, secret: str, body: Any = None) -> Any:
    """What one of the vendors' APIs answers to a call with these credentials."""
    basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - the address is the server's
        sms.url + path, None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Basic {basic}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=CALL_SECONDS, context=sms.textwire.tls) as answer:  # noqa: S310
        return json.loads(answer.read())
