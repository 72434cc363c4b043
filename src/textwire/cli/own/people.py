"""`textwire keys`, `users` and `accounts`: who may do what, and with how much money."""

from typing import Any, Final

import click
import msgspec

from textwire.cli import completing
from textwire.cli.calls import Call, Take, group
from textwire.cli.tables import columns


def _parted(typed: str) -> list[str]:
    return typed.split(",")


SCOPES: Final = Take(
    name="--scopes", key="scopes", metavar="SCOPE[,SCOPE]", turn=_parted, complete=completing.scopes,
    help="What it may do: read, send, manage, operator.",
)  # fmt: skip
NAME: Final = Take(name="--name", key="name", metavar="NAME", help="What people call it.")
NUMBER: Final = Take(
    name="--number", key="default_number", metavar="NUMBER", complete=completing.numbers,
    help="The number that it sends from unasked.",
)  # fmt: skip
AUDIT: Final = columns("number", "at", "actor", "action", "subject", "data")


def _required(take: Take) -> Take:
    return msgspec.structs.replace(take, required=True)


def _one(path: str) -> Take:
    return Take(name="ID", key="id", place="path", complete=completing.from_server(f"{path}?limit=100", "id"))


KEY: Final = _one("/api/keys")
USER: Final = _one("/api/users")
ACCOUNT: Final = _one("/api/accounts")

keys = group(
    "keys",
    "See, make and take away API keys.",
    [
        Call(name="list", help="List the account's keys.", method="GET", path="/api/keys",
             columns=columns("id", "name", "scopes", "default_number", "expires_at", "last_used_at"), empty="there is no key"),
        Call(name="show", help="Show one key, without its secret.", method="GET", path="/api/keys/{id}", takes=(KEY,)),
        Call(name="add", help="Make a key; it is shown this once.", method="POST", path="/api/keys",
             takes=(_required(NAME), _required(SCOPES), NUMBER,
                    Take(name="--expires-at", key="expires_at", metavar="TIME", help="When it ends, RFC 3339. [default: never]"))),
        Call(name="delete", help="Take a key away: it opens nothing any more.", method="DELETE", path="/api/keys/{id}",
             takes=(KEY,), done="the key {id} is gone", ask="Take the key {id} away?"),
    ],
)  # fmt: skip

users = group(
    "users",
    "See and change the people of the account.",
    [
        Call(name="list", help="List the account's users.", method="GET", path="/api/users",
             columns=columns("id", "email", "name", "scopes", "default_number", "created_at"), empty="there is no user"),
        Call(name="show", help="Show one user.", method="GET", path="/api/users/{id}", takes=(USER,)),
        Call(name="add", help="Add a user; a password is made and shown this once.", method="POST", path="/api/users",
             takes=(Take(name="EMAIL", key="email"), NAME, SCOPES, NUMBER)),
        Call(name="change", help="Change a user.", method="PATCH", path="/api/users/{id}",
             takes=(USER, NAME, Take(name="--email", key="email", metavar="EMAIL", help="The new address."), SCOPES, NUMBER),
             needs=("--name", "--email", "--scopes", "--number")),
        Call(name="delete", help="Take a user away: it can log in no longer.", method="DELETE", path="/api/users/{id}",
             takes=(USER,), done="the user {id} is gone", ask="Take the user {id} away?"),
    ],
)  # fmt: skip


def _setting(name: str, help: str, kind: Any = str) -> Take:
    return Take(name=f"--{name}", key=f"settings.{name.replace('-', '_')}", help=help, kind=kind)


_SIGNATURES: Final = ("md5hash", "md5", "sha1", "sha256", "sha512")
SETTINGS: Final = (
    _setting("country", "Completes national numbers: a calling code or an ISO region."),
    _setting("on-ambiguous", "What to do when nobody knows whether the network has a message.",
             click.Choice(("resend", "hold", "fail"))),
    _setting("inbound-url", "Vonage: where inbound texts are told; '' for nowhere."),
    _setting("receipt-url", "Vonage: where receipts are told; '' for nowhere."),
    _setting("callback-method", "Vonage: how those are called.", click.Choice(("GET", "POST", "POST-JSON"))),
    _setting("callback-signature", "Vonage: how those calls are signed.", click.Choice(("none", *_SIGNATURES))),
    _setting("request-signature", "Vonage: which signatures of requests are good.",
             click.Choice(("any", *_SIGNATURES))),
    _setting("sms-api", "Vonage: which API tells texts to numbers of an application.",
             click.Choice(("sms", "messages"))),
    _setting("throughput", "Vonage: requests to send per second; 0 for the usual number.", int),
    _setting("simulated-status", "Vonage: the status with which good requests are refused; '' for none."),
    _setting("intermediate-receipts", "Vonage: whether a receipt 'accepted' is told, too.", bool),
    _setting("conversions", "Vonage: whether the account may tell what came of its messages.", bool),
)  # fmt: skip


def _adjust(name: str, help: str, ask: str, **fixed: Any) -> Call:
    return Call(
        name=name,
        help=help,
        method="PATCH",
        path="/api/accounts/{id}",
        takes=(ACCOUNT,),
        fixed=fixed,
        ask=ask,
    )


accounts = group(
    "accounts",
    "See and change accounts.",
    [
        Call(name="show", help="Show the account of the key: its balance and settings.", method="GET", path="/api/account"),
        Call(name="set", help="Change settings of the account.", method="PATCH", path="/api/account", takes=SETTINGS,
             needs=tuple(take.name for take in SETTINGS)),
        Call(name="audit", help="List what was changed in the account, and by whom.", method="GET", path="/api/audit",
             columns=AUDIT, empty="nothing was changed"),
        Call(name="list", help="List all accounts of the server (operators).", method="GET", path="/api/accounts",
             columns=columns("id", "name", "state", "trial", "balance", "created_at")),
        Call(name="add", help="Open an account; its first key and Vonage secrets are shown this once (operators).", method="POST",
             path="/api/accounts",
             takes=(Take(name="NAME", key="name"), Take(name="--balance", key="balance", metavar="EUR", help="What it begins with."),
                    Take(name="--trial", key="trial", flag=True, help="It is on trial."), SCOPES)),
        Call(name="top-up", help="Add money to an account (operators).", method="PATCH", path="/api/accounts/{id}",
             takes=(ACCOUNT, Take(name="EUR", key="topup"))),
        _adjust("suspend", "Let an account send nothing (operators).", "Suspend the account {id}?", state="suspended"),
        _adjust("resume", "Let an account send again (operators).", "", state="active"),
    ],
)  # fmt: skip

PROJECT: Final = _one("/api/projects")

projects = group(
    "projects",
    "See and change the projects of the account.",
    [
        Call(name="list", help="List the account's projects.", method="GET", path="/api/projects",
             columns=columns("id", "name", "default_number", "client_id", "created_at"), empty="there is no project"),
        Call(name="add", help="Add a project; its secret is shown this once.", method="POST", path="/api/projects",
             takes=(_required(NAME), NUMBER)),
        Call(name="rotate", help="Give a project a new secret; the old one is good no more.", method="PATCH",
             path="/api/projects/{id}", takes=(PROJECT,), fixed={"new_secret": True},
             ask="Make the present secret of {id} useless?"),
        Call(name="delete", help="Take a project away: it can log in no longer.", method="DELETE", path="/api/projects/{id}",
             takes=(PROJECT,), done="the project {id} is gone", ask="Take the project {id} away?"),
    ],
)  # fmt: skip
