"""What the calls are about: the words that group them in the document and on the page."""

from typing import Final

SUBJECTS: Final = {
    "Messages": "Sending texts, to one or to thousands, and what became of each.",
    "Conversations": "Messages by whom they were exchanged with.",
    "Numbers": "Numbers that the account owns or could buy, and senders that it has proved.",
    "Webhooks": "Who is told of events, and what was delivered to them.",
    "Live": "Events as they happen.",
    "Consent": "Who does not want to be written to, when nobody should be, and what is kept of whom for how long.",
    "Account": "Who is calling, what is left to spend, who may do what, and who did.",
    "Simulated network": "The handsets, the weather and the clock of the network inside: for operators, and only until a real carrier is armed.",
    "Operation": "Whether the server lives, what it counts, and these papers.",
}

# The word of a path behind /api → its subject.
OF_WORD: Final = {
    "messages": "Messages", "batches": "Messages", "text": "Messages", "export": "Messages",
    "conversations": "Conversations", "numbers": "Numbers", "senders": "Numbers", "hooks": "Webhooks",
    "deliveries": "Webhooks", "live": "Live", "events": "Live", "opt-outs": "Consent", "keywords": "Consent", "quiet-hours": "Consent",
    "retention": "Consent", "erasures": "Consent", "exports": "Consent", "consent": "Consent",
    "account": "Account", "accounts": "Account", "users": "Account", "projects": "Account", "keys": "Account",
    "tokens": "Account",     "audit": "Account", "simnet": "Simulated network", "healthz": "Operation", "readyz": "Operation",
    "metrics": "Operation", "openapi.json": "Operation", "docs": "Operation",
}  # fmt: skip


def subject_of(pattern: str) -> str:
    """The subject of a path."""
    word = pattern.removeprefix("/api").split("/")[1]
    return OF_WORD[word]
