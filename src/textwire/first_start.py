"""First start: the account `demo` with generated secrets, never defaults, and the numbers it owns."""

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from textwire.access import keypairs, minting, secrets
from textwire.access.access import client_lookup, password_lookup
from textwire.domain.account import SCOPES, SIGNATURE, Account, Principal, PrincipalKind
from textwire.domain.ids import Ids
from textwire.domain.number import Assignment, Number, NumberType
from textwire.domain.refusal import Refusal
from textwire.store import accounts, extensions, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.extensions import CallerId, Extension
from textwire.store.store import Store

NAME = "demo"
EMAIL = "demo@example.test"
BALANCE = 100 * 10**8  # 100 EUR
NUMBERS = ("+16139998877", "+447700900001", "+4915799912345")
KINDS: tuple[tuple[str, NumberType], ...] = (("CA", "landline"), ("GB", "mobile"), ("DE", "mobile"))
FEATURES = "SMS VOICE"
FILE = "credentials.json"
UNASSIGNED = ("system", "application")  # they send from any number of the account
PRIVATE_KEY = "vonage-application.key"


class Secrets(msgspec.Struct, frozen=True):
    """What is generated once and then kept as a hash."""

    key: str
    password: str
    public_client: str
    project_client: str
    project_secret: str
    token: minting.Minted
    vonage_key: str
    vonage_secret: str
    signature_secret: str
    application: str
    private_key: str
    public_key: str

    def readable(self, directory: Path) -> dict[str, Any]:
        """As `textwire credentials --json` prints it: one entry per door that exists."""
        return {
            "account": NAME,
            "api": {"key": self.key},
            "kandy": {
                "client_id": self.public_client,
                "email": EMAIL,
                "password": self.password,
                "project_client_id": self.project_client,
                "project_client_secret": self.project_secret,
            },
            "sipgate": {
                "email": EMAIL,
                "password": self.password,
                "token_id": self.token.identifier,
                "token": self.token.secret,
                "user_id": "w0",
                "sms_id": "s0",
            },
            "vonage": {
                "api_key": self.vonage_key,
                "api_secret": self.vonage_secret,
                "signature_secret": self.signature_secret,
                "application_id": self.application,
                "private_key": str(directory / PRIVATE_KEY),
            },
            "numbers": list(NUMBERS),
        }


def generate() -> Secrets:
    """New secrets of at least 122 bits each."""
    tag = secrets.token(4).lower()
    private, public = keypairs.pair()
    return Secrets(
        key=f"tw_{secrets.token(32)}",
        password=secrets.token(24),
        public_client=f"PUB-{NAME}.{tag}",
        project_client=f"PRIV-{NAME}.{tag}.Demo",
        project_secret=secrets.token(32),
        token=minting.sipgate_token(frozenset(("all",))),
        vonage_key=secrets.token(8).lower(),
        vonage_secret=minting.mixed(minting.SECRET_LENGTH),
        signature_secret=secrets.token(minting.SIGNATURE_LENGTH),
        application=str(uuid.uuid4()),
        private_key=private,
        public_key=public,
    )


async def ensure(
    store: Store, ids: Ids, now: Callable[[], int], directory: Path, seal: Callable[[str], str]
) -> dict[str, Any] | None:
    """Makes the first account if there is none; returns what was generated then, else what is kept readable.

    The files are written before the account: a start that is cut short between the two makes new secrets.
    `seal` makes what is kept of a secret that must be read again.
    """
    path = directory / FILE
    if await accounts.account_named(store.engine, NAME) is not None:
        return read(directory)
    made = generate()
    readable = made.readable(directory)
    write_private(directory / PRIVATE_KEY, made.private_key.encode())
    write_private(path, msgspec.json.format(msgspec.json.encode(readable)))
    try:
        await store.write(_Birth(ids, now, seal), made)
    except Refusal:  # another process on the same database was first
        return None
    return readable


def read(directory: Path) -> dict[str, Any] | None:
    """What is kept readable in the data directory, if anything."""
    try:
        found: dict[str, Any] = msgspec.json.decode((directory / FILE).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return found


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner reads: whole and durable when this returns, else not there at all."""
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class _Birth:
    """The write of the first account."""

    def __init__(self, ids: Ids, now: Callable[[], int], seal: Callable[[str], str]) -> None:
        self._ids, self._now, self._seal = ids, now, seal

    async def run(self, unit: Unit, items: list[Secrets]) -> list[None]:
        [made] = items
        now = self._now()
        account = self._ids.take(now)
        await accounts.insert_account(unit, Account(account, NAME, 0, 0, "active", now))
        await accounts.book(unit, [Entry(self._ids.take(now), account, 0, "topup", BALANCE, now)])
        await numbers.insert(
            unit,
            [
                Number(number, account, country, now, kind, FEATURES)
                for number, (country, kind) in zip(NUMBERS, KINDS, strict=True)
            ],
        )
        await self._person(unit, account, made, now)
        await self._project(unit, account, made, now)
        await self._key(unit, account, made, now)
        await self._vonage(unit, account, made, now)
        return [None]

    async def _person(self, unit: Unit, account: int, made: Secrets, now: int) -> None:
        person = await self._principal(unit, account, "user", secrets.token(16), now, EMAIL)
        hashed = secrets.password_hash(made.password)
        await self._credential(
            unit, person, ("password", password_lookup(EMAIL), hashed, " ".join(SCOPES), 0), now
        )
        public = client_lookup("kandy_public", made.public_client)
        await self._credential(unit, person, ("kandy_public", public, "", "", 0), now)
        token = made.token.kept
        await self._credential(unit, person, (token.kind, token.lookup, token.hash, token.scopes, 0), now)
        await extensions.insert(unit, [Extension(account, 0, person, callers=1)])
        await extensions.add_caller(unit, CallerId(account, 0, 1, NUMBERS[2], now))

    async def _project(self, unit: Unit, account: int, made: Secrets, now: int) -> None:
        project = await self._principal(unit, account, "project", secrets.token(16), now)
        lookup = client_lookup("kandy_project", made.project_client)
        kept = secrets.digest(made.project_secret)
        await self._credential(unit, project, ("kandy_project", lookup, kept, "", 0), now)

    async def _key(self, unit: Unit, account: int, made: Secrets, now: int) -> None:
        key = await self._principal(unit, account, "key", secrets.token(16), now)
        await self._credential(unit, key, ("key", secrets.digest(made.key), "", " ".join(SCOPES), 0), now)

    async def _vonage(self, unit: Unit, account: int, made: Secrets, now: int) -> None:
        """The account itself calls with this key; a JWT stands for the application."""
        name = made.vonage_key
        caller = await self._principal(unit, account, "system", f"vonage-{name}", now)
        kept = secrets.digest(made.vonage_secret)
        await self._credential(unit, caller, ("vonage", client_lookup("vonage", name), kept, "", 0), now)
        sealed = self._seal(made.signature_secret)
        await self._credential(unit, caller, (SIGNATURE, client_lookup(SIGNATURE, name), sealed, "", 0), now)
        lookup = client_lookup(minting.APPLICATION, made.application)
        application = await self._principal(unit, account, "application", made.application, now)
        await self._credential(unit, application, (minting.APPLICATION, lookup, made.public_key, "", 0), now)

    async def _principal(
        self, unit: Unit, account: int, kind: PrincipalKind, public_id: str, now: int, email: str = ""
    ) -> int:
        key = self._ids.take(now)
        await accounts.insert_principal(unit, Principal(key, account, kind, public_id, email, NAME), now)
        if kind not in UNASSIGNED:
            await numbers.assign(unit, Assignment(NUMBERS[0], key, 1))
        return key

    async def _credential(
        self, unit: Unit, principal: int, new: tuple[str, str, str, str, int], now: int
    ) -> None:
        await accounts.insert_credential(unit, self._ids.take(now), principal, new, now)
