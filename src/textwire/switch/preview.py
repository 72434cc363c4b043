"""preview: what a text would be and cost, before anybody sends it."""

import msgspec

from textwire.domain.address import BadAddress, parse_recipient
from textwire.domain.refusal import Refusal
from textwire.text import preview as texts
from textwire.text.gsm7 import NotInAlphabet
from textwire.text.preview import Preview, Wanted
from textwire.text.segments import LoneSurrogate, TooLong

from .draft import MOST_SEGMENTS
from .prices import Prices


class Previewed(msgspec.Struct, frozen=True):
    """A text's preview, and what a segment of it costs (10⁻⁸ EUR; None: nobody said to whom)."""

    preview: Preview
    price: int | None


class Previews:
    """It reads nothing but the price table."""

    def __init__(self, prices: Prices, country: str) -> None:
        self._prices, self._country = prices, country

    def of(self, text: str, to: str | None, wanted: Wanted) -> Previewed:
        """The preview of a text. Refusal text_empty, text_too_long, invalid_address, invalid_field."""
        if not text:
            raise Refusal("text_empty", field="text")
        price = None if to is None else self._price(to)
        try:
            return Previewed(texts.preview(text, MOST_SEGMENTS, wanted), price)
        except TooLong:
            detail = f"The text needs more than {MOST_SEGMENTS} segments."
            raise Refusal("text_too_long", detail, "text") from None
        except LoneSurrogate as error:
            raise Refusal("invalid_field", f"The text has {error}.", "text") from None
        except NotInAlphabet as error:
            name = texts.name_of(error.character)
            raise Refusal("invalid_field", f"GSM 03.38 has no {name}, and nothing like it.", "text") from None

    def price(self, prefix: str) -> int:
        """What a segment costs (10⁻⁸ EUR) to numbers that begin so, unless more of their digits say otherwise."""
        return self._prices.of(prefix)

    def _price(self, to: str) -> int:
        try:
            return self._prices.of(parse_recipient(to, self._country).value)
        except BadAddress as error:
            raise Refusal("invalid_address", f"{error}.", "recipient") from None
