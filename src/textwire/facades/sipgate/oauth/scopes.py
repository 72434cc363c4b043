"""What a client may ask for, and what the page says that it is."""

# The words of the vendor's "OAuth2 scopes" that mean something here, with those of its specification.

from typing import Final

from textwire.facades.sipgate.scopes import ALL

MEANING: Final[dict[str, str]] = {
    ALL: "Do everything that you can do with your password",
    "sessions:sms:write": "Send text messages",
    "sessions:write": "Send text messages",
    "sms:read": "See your SMS extensions and their caller ids",
    "sms:write": "Change your SMS extensions and their caller ids",
    "sms:callerid:read": "See your caller ids",
    "sms:callerid:write": "Change your caller ids",
    "history:read": "Read the messages that you have sent and received",
    "history:write": "Change and delete messages of your history",
    "account:read": "See what your account is called",
    "account:write": "Change your account",
    "balance:read": "See the balance of your account",
    "numbers:read": "See the numbers of your account",
    "numbers:write": "Change where the numbers of your account lead",
    "users:read": "See the users of your account",
    "notifications:read": "See where you are notified",
    "notifications:write": "Change where you are notified",
    "settings:read": "See your settings",
    "settings:write": "Change your settings",
    "settings:sipgateio:read": "See where your account's webhooks lead",
    "settings:sipgateio:write": "Change where your account's webhooks lead",
    "log:webhooks:read": "See which webhooks were called",
    "authorization:oauth2:clients:read": "See the OAuth clients of your account, with their secrets",
    "authorization:oauth2:clients:write": "Change the OAuth clients of your account",
    "authorization:oauth:clients:read": "See the OAuth clients of your account, with their secrets",
    "authorization:oauth:clients:write": "Change the OAuth clients of your account",
}
# What every login gives: who the user is. Clients of OpenID Connect ask for it by these names.
IDENTITY: Final = frozenset(("openid", "profile", "email", "offline_access"))
LONGEST: Final = 4096


def granted(asked: str) -> str | None:
    """The scopes to be given of those asked for, in their order; None when there is none of them here.

    What means nothing here is left out (RFC 6749 §3.3): programs ask for their telephony, too. Nothing asked for is
    nothing given, beside who the user is.
    """
    words = dict.fromkeys(asked[: LONGEST + 1].split())
    if len(asked) > LONGEST or (words and words.keys().isdisjoint((*MEANING, *IDENTITY))):
        return None
    return " ".join(word for word in words if word in MEANING)


def meanings(scopes: str) -> dict[str, str]:
    """What scopes mean, each thing once, with the words for it."""
    found: dict[str, list[str]] = {}
    for word in scopes.split():
        if word in MEANING:
            found.setdefault(MEANING[word], []).append(word)
    return {meaning: " ".join(words) for meaning, words in found.items()}
