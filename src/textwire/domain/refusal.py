"""Why we did not accept: one exception with a stable code, which each facade words in its own dialect."""

from typing import Literal

Kind = Literal[
    "invalid", "unauthorized", "payment", "forbidden", "missing", "conflict", "limit", "unavailable"
]

# code → (kind, what a person reads). The codes are public and never change their meaning.
CODES: dict[str, tuple[Kind, str]] = {
    "invalid_body": ("invalid", "The request body could not be read."),
    "invalid_field": ("invalid", "A field has an invalid value."),
    "missing_field": ("invalid", "A required field is missing."),
    "unknown_field": ("invalid", "There is no such field."),
    "invalid_address": ("invalid", "An address is not a phone number or sender name we can use."),
    "missing_value": ("invalid", "The text has a variable that this recipient has no value for."),
    "unprocessable": ("invalid", "This item breaks something of ours; the log says what."),
    "text_empty": ("invalid", "The text is empty."),
    "text_too_long": ("invalid", "The text needs more segments than a message may have."),
    "too_many_recipients": ("invalid", "The request names more recipients than allowed."),
    "send_at_out_of_range": ("invalid", "The time to send lies in the past or too far ahead."),
    "validity_out_of_range": ("invalid", "The validity is too short or too long."),
    "idempotency_mismatch": ("conflict", "This Idempotency-Key was used with another request body."),
    "unauthorized": ("unauthorized", "The credentials are missing or not valid."),
    "insufficient_balance": ("payment", "The balance does not cover this message."),
    "account_suspended": ("forbidden", "The account is suspended."),
    "sender_forbidden": ("forbidden", "This sender is not assigned to the caller."),
    "no_default_number": ("forbidden", "The caller has no default number."),
    "recipient_opted_out": ("forbidden", "The recipient has opted out of messages from this account."),
    "loop": (
        "limit",
        "This pair of numbers has texted back and forth too often within a minute, as programs do that answer each other.",
    ),
    "scope_missing": ("forbidden", "The key lacks the scope for this call."),
    "not_simulated": (
        "forbidden",
        "A real carrier is armed, so the simulated network and its clock stand still.",
    ),
    "origin_forbidden": ("forbidden", "Pages of this origin may not open a socket here."),
    "too_many_sockets": ("limit", "The account has as many live sockets open as allowed."),
    "not_found": ("missing", "There is no such thing, or it belongs to somebody else."),
    "not_cancelable": ("conflict", "The message has left already and cannot be canceled."),
    "too_many_numbers": ("conflict", "The account has as many numbers as allowed."),
    "too_many_senders": ("conflict", "The account has as many proved senders as allowed."),
    "sender_verified": ("conflict", "The account may use this sender already."),
    "code_wrong": ("forbidden", "The code is wrong, used up or too old, or was tried too often."),
    "too_many_codes": (
        "limit",
        "Too many codes were asked for; the page of the API says how many there may be.",
    ),
    "not_final": ("conflict", "The message is still under way and cannot be deleted."),
    "trial_full": (
        "forbidden",
        "An account on trial keeps so many messages, and all of them are still under way.",
    ),
    "own_number": ("conflict", "The number is the account's own; release it instead."),
    "number_taken": ("conflict", "The number belongs to somebody already."),
    "blocked_address": ("invalid", "The address of this webhook is not one we may call."),
    "hook_disabled": ("conflict", "The webhook is disabled; enable it first."),
    "replay_running": ("conflict", "A replay of this webhook is under way."),
    "not_replayable": ("conflict", "A test, or an event that is forgotten, cannot be delivered again."),
    "too_many_hooks": ("limit", "The account has as many webhooks as allowed."),
    "email_taken": ("conflict", "This e-mail address is somebody's already."),
    "name_taken": ("conflict", "There is an account of this name already."),
    "too_many_people": ("conflict", "The account has as many users, projects or keys as allowed."),
    "too_many_tokens": ("conflict", "The account has as many personal access tokens as allowed."),
    "too_many_secrets": ("conflict", "There are two secrets already; revoke one first."),
    "last_secret": ("conflict", "The last secret cannot be revoked."),
    "too_many_failures": ("limit", "Too many wrong credentials; try again later."),
    "queue_full": ("limit", "Too much is waiting to be written; try again shortly."),
    "unavailable": ("unavailable", "Nothing can be stored at the moment; try again shortly."),
}


class Refusal(Exception):
    """A request we did not take; nothing has changed.

    `code` is a key of CODES, `field` names the offending field of the request ("" when it is not one field),
    `detail` says for a person what is wrong and what would be right. `after`: in how many seconds it may be worth
    another try, 0 when that is not known.
    """

    def __init__(self, code: str, detail: str = "", field: str = "", *, after: int = 0) -> None:
        kind, text = CODES[code]
        super().__init__(code)
        self.code, self.kind, self.field, self.after = code, kind, field, after
        self.detail = detail or text

    def __repr__(self) -> str:
        return f"Refusal({self.code!r}, {self.detail!r}, field={self.field!r})"
