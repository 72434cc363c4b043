"""How requests are spelled."""

from datetime import datetime, timedelta, timezone

import pytest

from textwire_client.request import Request, form, path


def test_no_piece_of_a_path_leads_elsewhere() -> None:
    assert path("numbers", "+44/../x?y#z") == "/api/numbers/+44%2F..%2Fx%3Fy%23z"
    for piece in ("", ".", ".."):
        with pytest.raises(ValueError):
            path("messages", piece)


def test_a_query_has_what_was_given() -> None:
    at = datetime(2030, 1, 31, 10, tzinfo=timezone(timedelta(hours=1)))
    query = {"state": ["sent", "failed"], "to": "+44", "q": None, "unread": False, "created_after": at}
    target = Request[None](method="GET", path="/x", query=query).target
    assert target == "/x?state=sent%2Cfailed&to=%2B44&unread=false&created_after=2030-01-31T09%3A00%3A00.000Z"


def test_a_form_has_what_was_given_as_the_api_names_it() -> None:
    assert form(from_="a", class_=None, validity=timedelta(seconds=1.5), flash=False) == {
        "from": "a",
        "validity": "1500ms",
        "flash": False,
    }


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        form(send_at=datetime(2030, 1, 1))


def test_a_key_given_in_no_header_is_in_no_word_about_the_client() -> None:
    from textwire_client import Client

    with Client("http://127.0.0.1:9", "tw_secret") as client:
        assert "tw_secret" not in repr(client) + repr(client._driver.place) + repr(client.messages)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://x", "http://", "http://x/?a=b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    from textwire_client import AsyncClient, Client

    for kind in (Client, AsyncClient):
        with pytest.raises(ValueError, match="address"):
            kind(url, "k")


def test_a_client_without_arguments_takes_them_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from textwire_client import Client

    monkeypatch.delenv("TEXTWIRE_URL", raising=False)
    with pytest.raises(ValueError, match="TEXTWIRE_URL"):
        Client()
    monkeypatch.setenv("TEXTWIRE_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("TEXTWIRE_KEY", "k")
    assert Client()._driver.place.url == "http://127.0.0.1:9"
