"""Personal access tokens: what one of a user's may be allowed, in the words of the vendor whose clients carry them."""

from typing import Final, Literal, get_args

# protocols/sipgate.md §2.2, and the vendor's "OAuth2 scopes"; those of operations that the vendor calls internal cannot be given.
TokenScope = Literal[
    "all", "sessions:write", "sessions:sms:write", "sms:read", "sms:write", "sms:callerid:read", "sms:callerid:write",
    "history:read", "history:write", "account:read", "account:write", "balance:read", "numbers:read", "numbers:write",
    "users:read", "settings:read", "settings:write", "settings:sipgateio:read", "settings:sipgateio:write",
    "log:webhooks:read", "notifications:read", "notifications:write",
    "authorization:oauth2:clients:read", "authorization:oauth2:clients:write", "authorization:oauth:clients:read",
    "authorization:oauth:clients:write",
]  # fmt: skip
TOKEN_SCOPES: Final[tuple[TokenScope, ...]] = get_args(TokenScope)

MOST_TOKENS: Final = 1000  # of all users of an account together
