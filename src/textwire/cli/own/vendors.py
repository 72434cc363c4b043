"""`textwire tokens` and `textwire vonage`: what the vendors' clients call with."""

from typing import Final

from textwire.cli import completing
from textwire.cli.calls import Call, Take, group
from textwire.cli.tables import columns

TOKEN: Final = Take(name="ID", key="id", place="path", complete=completing.tokens)

tokens = group(
    "tokens",
    "See, make and take away tokens for sipgate's clients.",
    [
        Call(name="list", help="List the tokens of the account's users.", method="GET", path="/api/tokens",
             columns=columns("id", "user", "name", "scopes", "expires_at", "last_used_at"), empty="there is no token"),
        Call(name="add", help="Make a token of a user; it is shown this once.", method="POST", path="/api/tokens",
             takes=(Take(name="USER", key="user", complete=completing.users),
                    Take(name="--name", key="name", required=True, metavar="NAME", help="What people call it."),
                    Take(name="--scopes", key="scopes", required=True, metavar="SCOPE[,SCOPE]",
                         turn=lambda typed: typed.split(","), complete=completing.token_scopes,
                         help="What it may do, in sipgate's words, such as sessions:sms:write,sms:read; all is all."),
                    Take(name="--expires-at", key="expires_at", metavar="TIME", help="When it ends, RFC 3339. [default: never]"))),
        Call(name="delete", help="Take a token away: it opens nothing any more.", method="DELETE",
             path="/api/tokens/{id}", takes=(TOKEN,), done="the token {id} is gone", ask="Take the token {id} away?"),
    ],
)  # fmt: skip

vonage = group(
    "vonage",
    "See and change what Vonage's clients call with.",
    [
        Call(name="show", help="Show the account's api_key, and since when its secrets are good.", method="GET",
             path="/api/account/vonage"),
        Call(name="add", help="Make what is lacking, or new secrets; they are shown this once.", method="POST",
             path="/api/account/vonage",
             takes=(Take(name="--api-secret", key="api_secret", flag=True,
                         help="A new api_secret; the one before it stays good beside it."),
                    Take(name="--signature-secret", key="signature_secret", flag=True,
                         help="A new signature_secret; the old one is good no longer."),
                    Take(name="--end-old", key="end_old", flag=True,
                         help="No api_secret but the newest is good any longer."))),
    ],
)  # fmt: skip
