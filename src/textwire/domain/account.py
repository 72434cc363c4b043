"""Who is calling and who pays: accounts with their settings, principals, credentials and their bounds."""

from collections.abc import Callable
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from .address import known_country
from .message import OnAmbiguous

PrincipalKind = Literal["user", "project", "application", "key", "esme", "system"]

Scope = Literal["read", "send", "manage", "operator"]
"""What a credential allows: to look, to send and answer, to change what the account has, to run the server."""

SCOPES: Final[tuple[Scope, ...]] = ("read", "send", "manage", "operator")


OURS: Final = "~"


class Account(msgspec.Struct, frozen=True):
    """Who owns and pays. `balance` is in 10⁻⁸ EUR."""

    id: int
    name: str
    balance: int
    trial: int
    state: Literal["active", "suspended"]
    created_at: int

    @property
    def is_ours(self) -> bool:
        """Whether it is the program's own: nobody can name one so, and nobody is shown it."""
        return self.name.startswith(OURS)


class Principal(msgspec.Struct, frozen=True):
    """The user, project, application, key or ESME that is calling; `public_id` is [A-Za-z0-9-]+ and unique."""

    id: int
    account: int
    kind: PrincipalKind
    public_id: str
    email: str
    name: str


class Caller(msgspec.Struct, frozen=True):
    """A principal that has proved itself, with what its credential allows; `credential` 0: none of its own did."""

    account: int
    principal: int
    kind: PrincipalKind
    public_id: str
    scopes: frozenset[str] = frozenset()
    credential: int = 0


class NewCredential(msgspec.Struct, frozen=True):
    """A credential as it is kept: found by `lookup`, proved by what hashes to `hash` ("": the lookup is the proof).

    `scopes` are parted by blanks, `expires_at` is µs on the real clock, 0: never; `name` is for people.
    """

    kind: str
    lookup: str
    hash: str = ""
    scopes: str = ""
    expires_at: int = 0
    name: str = ""


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """What an account calls a vendor's API with, as it would be kept.

    `api_key` is taken if the account has none yet; its principal's public identifier is `owner` and that. `kinds` are
    those of its first and its second secret, `secret` is a hash and `signature` what is sealed to sign with.
    """

    owner: str
    api_key: str
    kinds: tuple[str, ...]
    secret: str
    signature: str


SIGNATURE: Final = "signature"  # the kind of credential that an account signs with; it is kept sealed


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an account can set: the one place where a setting, its bounds and its default are declared.

    A new setting is a field here, and no more; what no type says stands in CHECKS. It is kept as JSON: one that is
    taken out again is forgotten where it was set. `SettingsCache.of(account)` reads them.
    """

    country: Annotated[
        str,
        Meta(
            max_length=4,
            description="Completes national numbers: calling code or ISO region; empty: the server's.",
        ),
    ] = ""
    on_ambiguous: Annotated[
        OnAmbiguous,
        Meta(
            description="What to do when nobody knows whether the network has a message, unless that says so."
        ),
    ] = "resend"
    inbound_url: Annotated[
        str,
        Meta(
            max_length=2048,
            description="Vonage: where inbound texts are told, of numbers that name no place of their own.",
        ),
    ] = ""
    receipt_url: Annotated[
        str,
        Meta(
            max_length=2048,
            description="Vonage: where receipts are told, of messages that name no place of their own.",
        ),
    ] = ""
    callback_method: Annotated[
        Literal["GET", "POST", "POST-JSON"], Meta(description="Vonage: how those places are called.")
    ] = "GET"
    callback_signature: Annotated[
        Literal["none", "md5hash", "md5", "sha1", "sha256", "sha512"],
        Meta(
            description="Vonage: how those calls are signed. Choose neither MD5 unless an old program needs it."
        ),
    ] = "sha256"
    request_signature: Annotated[
        Literal["any", "md5hash", "md5", "sha1", "sha256", "sha512"],
        Meta(description="Vonage: which signatures of requests to send are good."),
    ] = "any"
    sms_api: Annotated[
        Literal["sms", "messages"],
        Meta(
            description="Vonage: by which API texts are told that come to a number linked to an application."
        ),
    ] = "sms"
    throughput: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000,
            description="Vonage: requests to send per second; 0: 30 once a real carrier is armed, before that any number.",
        ),
    ] = 0
    simulated_status: Annotated[
        Literal[
            "", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18",
            "19", "20", "22", "23", "29", "32", "33", "101",
        ],
        Meta(
            description="Vonage: the status with which good requests to send are refused while all is simulated; empty: none."
        ),
    ] = ""  # fmt: skip
    intermediate_receipts: Annotated[
        bool,
        Meta(description="Vonage: whether a receipt `accepted` is told once the network has a message, too."),
    ] = False
    conversions: Annotated[
        bool, Meta(description="Vonage: whether the account may tell what came of its messages.")
    ] = True


# setting → what is wrong with a value of the right type, "" if nothing.
CHECKS: Final[dict[str, Callable[[str], str]]] = {
    "country": lambda given: (
        "" if not given or known_country(given) else "This is neither a calling code nor an ISO region."
    ),
}

DEFAULTS: Final = Settings()

MOST_OF_A_KIND: Final = 1000  # users, projects or keys of an account
EMAIL_PATTERN: Final = (
    r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}\Z"  # RFC 5321 §4.5.3.1: 254 in all
)
LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 100
PASSWORD_LENGTHS: Final = (10, 1024)
LONGEST_SECRET: Final = 1024
ACCOUNT_NAME_PATTERN: Final = (
    r"^[a-z0-9](-?[a-z0-9]){0,14}\Z"  # it may become an SMPP system_id, of 15 at most
)


def email_of(written: str) -> str:
    """An e-mail address as it is kept: whoever writes it in other letters means the same person."""
    return written.strip().casefold()


def client_lookup(kind: str, client_id: str) -> str:
    """Under which name a client identifier of a vendor is kept."""
    return f"{kind}:{client_id[:LONGEST_SECRET]}"


def password_lookup(email: str) -> str:
    """Under which name a person's password is kept."""
    return f"password:{email_of(email)}"
