"""The way out of a refusal: what to type next, by the server's code."""

from typing import Final

HINTS: Final = {
    "sender_forbidden": "`textwire numbers list` shows the numbers that may send",
    "no_default_number": "name one with --from; `textwire numbers list` shows them",
    "scope_missing": "use a key that has it; `textwire keys list` shows their scopes",
    "not_simulated": "it stands still since a real carrier was armed",
    "not_found": "the command `list` shows what there is",
    "not_cancelable": "`textwire messages show ID` tells what became of it",
    "number_taken": "`textwire numbers search` shows free ones",
    "recipient_opted_out": "`textwire opt-outs list` shows whom, and since when",
    "insufficient_balance": "`textwire accounts show` shows the balance",
    "idempotency_mismatch": "give every new request a key of its own",
    "too_many_hooks": "`textwire hooks delete ID` makes room",
    "blocked_address": "webhooks go to public addresses; loopback is fine while only the simulated network is armed",
    "loop": "two programs answer each other here; `textwire tail` shows the texts",
    "queue_full": "try again in a moment",
    "unavailable": "`textwire doctor` looks what is wrong",
    "internal_error": "the server's log has it, by the request's id",
}
