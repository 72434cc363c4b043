"""The reference of the SDK is what its docstrings say."""

import inspect

import textwire_client
from tests.client import reference


def test_the_reference_is_up_to_date() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), (
        "run python -m tests.client.reference"
    )


def test_it_has_everything_that_can_be_imported() -> None:
    page = reference.page()
    named = {f"**{name}**" for name in textwire_client.__all__} - {
        "**AsyncClient**", "**Client**", "**KandyNotification**", "**Notification**", "**Problem**", "**Value**",
    }  # fmt: skip
    assert [name for name in named if name not in page] == []


def test_it_has_every_call_of_a_client() -> None:
    page = reference.page()
    with textwire_client.Client("http://127.0.0.1:1", "none") as client:
        for name, resource in reference.resources(client, "client"):
            for call, _ in inspect.getmembers_static(type(resource)):
                assert call.startswith("_") or f"**`{name}.{call}" in page
