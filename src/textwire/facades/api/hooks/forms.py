"""What callers say of webhooks, and what they are answered."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from textwire.domain.event import BIT, TYPES, mask
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading, views
from textwire.facades.api.reading import Moment
from textwire.store.attempts import Attempt
from textwire.store.deliveries import FIRST_TEST, Listed, State
from textwire.store.hooks import Hook
from textwire.switch.deliveries import TEST, Told
from textwire.switch.webhooks import MOST_NUMBERS

EVENTS: Final = tuple(
    name for name in TYPES if name != "subscription.canceled"
)  # that one is told to vendors' clients
MOST_URL: Final = 4096

Url = Annotated[
    str,
    Meta(max_length=MOST_URL, description="Where events are posted: http or https, not a private address."),
]
Events = Annotated[list[str], Meta(max_length=64, description=f"Of {', '.join(EVENTS)}.")]
Numbers = Annotated[list[str], Meta(max_length=MOST_NUMBERS, description="Numbers of the account.")]


class HookForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to post, and what; without `numbers` it is about all of the account's."""

    url: Url
    events: Events
    numbers: Numbers | None = None


class HookPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different; what is left out stays. `numbers` null: all of the account's."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    numbers: Numbers | UnsetType | None = UNSET
    state: Literal["active", "disabled"] | UnsetType = UNSET


class ReplayForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Since when, at most 7 days back; `delivered`: what was delivered too, not only what was missed."""

    since: Moment
    delivered: bool = False


class DeliveriesQuery(pages.Paging, frozen=True, kw_only=True):
    """A page of a hook's deliveries, of one state if it is named."""

    state: State | None = None


class HookView(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook. `failing_since`: the first of the failures since its last success; until `old_secret_until` the
    secret from before the rotation signs as well."""

    id: str
    url: str
    events: list[str]
    numbers: list[str] | None
    state: str
    failing_since: str | None
    old_secret_until: str | None
    created_at: str


class HookWithSecret(HookView, frozen=True, kw_only=True):
    """A webhook with its secret, which is shown here and never again."""

    secret: str


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """What was told: `id` is the webhook-id, `type` null when the event is forgotten."""

    id: str
    type: str | None
    message: str | None


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one hook. `status` and `error` are those of the last attempt."""

    id: str
    hook: str
    event: EventView
    state: State
    attempts: int
    status: int | None
    error: str | None
    updated_at: str


class AttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """One call. Either it was answered with `status`, of whose body `reply` is the beginning, or `error` says why not."""

    at: str
    status: int | None
    error: str | None
    reply: str | None
    seconds: float


class DeliveryDetail(DeliveryView, frozen=True, kw_only=True):
    """A delivery with its last 100 attempts, oldest first."""

    log: list[AttemptView]
    next_attempt_at: str | None


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """What is being told again."""

    hook: str
    since: str
    delivered: bool


def types_of(events: list[str]) -> int:
    """The bits of event names; refuses by place the first that there is not."""
    if not events:
        raise Refusal("missing_field", "Name at least one event.", "events")
    for n, name in enumerate(events):
        if name not in EVENTS:
            raise Refusal("invalid_field", f"The events are {', '.join(EVENTS)}.", f"events[{n}]")
    return mask(events)


def numbers_of(written: list[str] | None) -> tuple[str, ...]:
    """The numbers as they are kept."""
    return tuple(reading.number(one, f"numbers[{n}]") for n, one in enumerate(written or []))


def of_hook(hook: Hook) -> HookView:
    """The view of a hook."""
    return HookView(**_fields(hook))


def with_secret(made: tuple[Hook, str]) -> HookWithSecret:
    """The view of a hook whose secret is new."""
    return HookWithSecret(**_fields(made[0]), secret=made[1])


def _fields(hook: Hook) -> dict[str, Any]:
    return {
        "id": hook.public_id,
        "url": hook.url,
        "events": [name for name in EVENTS if hook.types & BIT[name]],
        "numbers": hook.number.split() or None,
        "state": hook.state,
        "failing_since": _time(hook.failing_since),
        "old_secret_until": _time(hook.old_until),
        "created_at": views.stamp(hook.created_at),
    }


def of_delivery(listed: Listed) -> DeliveryView:
    """The view of a delivery in a list."""
    return DeliveryView(**_told(listed))


def in_detail(told: Told) -> DeliveryDetail:
    """The view of a delivery with its attempts."""
    return DeliveryDetail(
        **_told(told.listed), log=[_attempt(one) for one in told.attempts], next_attempt_at=_time(told.due_at)
    )


def _told(listed: Listed) -> dict[str, Any]:
    one = listed.delivery
    kind = TEST if one.event >= FIRST_TEST else listed.type
    part = f".{one.segment}" if one.segment else ""
    return {
        "id": str(one.id),
        "hook": listed.hook,
        "event": EventView(
            id=f"evt_{one.event}{part}",
            type=kind or None,
            message=str(listed.subject) if listed.subject else None,
        ),
        "state": one.state,
        "attempts": one.attempts,
        "status": one.status or None,
        "error": one.error or None,
        "updated_at": views.stamp(one.updated_at),
    }


def _attempt(one: Attempt) -> AttemptView:
    return AttemptView(
        at=views.stamp(one.at), status=one.status or None, error=one.error or None, reply=one.reply or None,
        seconds=one.ms / 1000,
    )  # fmt: skip


def _time(us: int | None) -> str | None:
    return views.stamp(us) if us else None
