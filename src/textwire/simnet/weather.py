"""The network's weather as the operator sets it: how slow, how lossy, how narrow, and with which dice."""

import math
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec

from textwire.simnet.exchange import Unusable

MAX_DELAY_MS = 7 * 24 * 3600 * 1000
"""A week: receipts that come days late are part of life."""

MAX_PER_SECOND = 1_000_000
MAX_SEED = 2**63 - 1

Losable: TypeAlias = Literal["response", "receipt"]
Delay: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_DELAY_MS)]
Probability: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Milliseconds, drawn evenly from the least to the most."""

    min_ms: Delay = 0
    max_ms: Delay = 0


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How likely the response to a submission, or a receipt, gets lost: 0 to 1."""

    what: Losable
    probability: Probability


class Throttle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How likely a submission is put off (0 to 1), and how many are let through in a second."""

    probability: Probability | None = None
    per_second: Annotated[int, msgspec.Meta(ge=1, le=MAX_PER_SECOND)] | None = None


class Weather(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`latency` is that of responses, `delivery` the way to the handset, `receipt_delay` the way back."""

    latency: Span = Span()
    delivery: Span = Span(80, 120)
    receipt_delay: Span = Span()
    loss: Annotated[tuple[Loss, ...], msgspec.Meta(max_length=len(get_args(Losable)))] = ()
    throttle: Throttle | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=MAX_SEED)] = 0


def check(weather: Weather) -> Weather:
    """The same weather, or Unusable with the field that makes no sense."""
    for name in ("latency", "delivery", "receipt_delay"):
        _check_span(name, getattr(weather, name))
    for index, loss in enumerate(weather.loss):
        _check_loss(f"loss[{index}]", loss)
    if len({loss.what for loss in weather.loss}) < len(weather.loss):
        raise Unusable("loss", "name each kind of loss once")
    if weather.throttle is not None:
        _check_throttle(weather.throttle)
    _check_within("seed", weather.seed, 0, MAX_SEED)
    return weather


def _check_span(name: str, span: Span) -> None:
    _check_within(f"{name}.min_ms", span.min_ms, 0, MAX_DELAY_MS)
    _check_within(f"{name}.max_ms", span.max_ms, 0, MAX_DELAY_MS)
    if span.min_ms > span.max_ms:
        raise Unusable(f"{name}.max_ms", "must not be less than min_ms")


def _check_loss(name: str, loss: Loss) -> None:
    if loss.what not in get_args(Losable):
        raise Unusable(f"{name}.what", f"must be one of {', '.join(get_args(Losable))}")
    _check_within(f"{name}.probability", loss.probability, 0, 1)


def _check_throttle(throttle: Throttle) -> None:
    if throttle.probability is None and throttle.per_second is None:
        raise Unusable("throttle", "give probability or per_second")
    if throttle.probability is not None:
        _check_within("throttle.probability", throttle.probability, 0, 1)
    if throttle.per_second is not None:
        _check_within("throttle.per_second", throttle.per_second, 1, MAX_PER_SECOND)


def _check_within(name: str, value: float, least: int, most: int) -> None:
    if not math.isfinite(value) or not least <= value <= most:
        raise Unusable(name, f"must be between {least} and {most}")
