"""Which scopes a personal access token or OAuth's access token needs: any one of those listed suffices."""

from typing import Final

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal

ALL: Final = "all"

SESSIONS: Final = ("sessions:write", "sessions:sms:write")
SMS_READ: Final = ("sms:read",)
SMS_WRITE: Final = ("sms:write",)
CALLERS_READ: Final = ("sms:read", "sms:callerid:read")
CALLERS_WRITE: Final = ("sms:write", "sms:callerid:write")
ACCOUNT_READ: Final = ("account:read",)
BALANCE_READ: Final = ("balance:read",)
NUMBERS_READ: Final = ("numbers:read",)
HISTORY_READ: Final = ("history:read",)
HISTORY_WRITE: Final = ("history:write",)
USERS_READ: Final = ("users:read",)
ACCOUNT_WRITE: Final = ("account:write",)
NUMBERS_WRITE: Final = ("numbers:write",)
IO_READ: Final = ("settings:read", "settings:sipgateio:read")
IO_WRITE: Final = ("settings:write", "settings:sipgateio:write")
WEBHOOK_LOG: Final = ("log:webhooks:read",)
NOTIFICATIONS_READ: Final = ("notifications:read",)
NOTIFICATIONS_WRITE: Final = ("notifications:write",)
INTERNAL: Final = ("internal",)
# Spelled one way in the vendor's list of scopes, the other way in its specification.
CLIENTS_READ: Final = ("authorization:oauth:clients:read", "authorization:oauth2:clients:read")
CLIENTS_WRITE: Final = ("authorization:oauth:clients:write", "authorization:oauth2:clients:write")


def permit(caller: Caller, wanted: tuple[str, ...]) -> None:
    """Refusal scope_missing unless the caller's credential has one of the scopes; `wanted` () asks for none."""
    if wanted and ALL not in caller.scopes and caller.scopes.isdisjoint(wanted):
        raise Refusal("scope_missing", f"The token lacks the scope {wanted[-1]}.")
