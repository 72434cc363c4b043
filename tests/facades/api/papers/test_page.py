"""The page in a real browser: it draws every call, under its policy, and makes one with a key that it does not keep."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browser
from tests.serving import Server, server

READY = "document.querySelectorAll('article').length > 0"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("server")) as one:
        yield one


@pytest.fixture
def page(running: Server, tmp_path: Path) -> Iterator[Page]:
    with browser(tmp_path) as one:
        one.open(running.url + "/api/docs")
        one.until(READY)
        yield one


def operations(running: Server) -> int:
    paths = running.api("GET", "/api/openapi.json")["paths"]
    return sum(len(item) for item in paths.values())


def test_every_call_is_drawn_with_samples_and_its_entry_in_the_list(running: Server, page: Page) -> None:
    count = operations(running)
    assert page.run("document.querySelectorAll('article').length") == count
    assert page.run("document.querySelectorAll('nav li a[href^=\"#\"]').length") == count
    assert page.run(
        "[...document.querySelectorAll('article')].every((a) => a.textContent.includes('curl -s'))"
    )
    assert page.run(
        "[...document.querySelectorAll('article')].every((a) => a.textContent.includes('urllib.request'))"
    )
    assert page.complaints == []


def test_nothing_is_fetched_from_elsewhere(running: Server, page: Page) -> None:
    asked = [url for url in page.requested if url.startswith("http")]
    assert len(asked) > 5
    assert {url.split("/api/")[0] for url in asked} == {running.url}


def test_a_search_leaves_what_has_all_its_words(page: Page) -> None:
    page.run(
        "(() => { const f = document.getElementById('find'); f.value = 'simnet clock'; f.dispatchEvent(new Event('input')); })()"
    )
    shown = page.run(
        "[...document.querySelectorAll('article')].filter((a) => !a.hidden).map((a) => a.id).join(' ')"
    )
    assert "post_simnet_clock" in shown.split()
    assert "post_messages" not in shown.split()


def tried(page: Page, call: str, key: str) -> str:
    page.run(f"document.getElementById('key').value = '{key}'")
    page.run(
        f"[...document.querySelectorAll('#{call} details')].find((d) => d.textContent.startsWith('Try it')).open = true"
    )
    page.until(f"!!document.querySelector('#{call} form')")
    page.run(f"document.querySelector('#{call} .send').click()")
    return str(page.until(f"document.querySelector('#{call} .answer .status')?.textContent"))


def test_try_it_makes_the_call_with_the_key_that_was_pasted(running: Server, page: Page) -> None:
    key = running.credentials["api"]["key"]
    before = len(running.api("GET", "/api/messages")["items"])
    assert tried(page, "post_messages", key) == "201"
    assert len(running.api("GET", "/api/messages")["items"]) == before + 1


def test_a_wrong_key_is_refused_and_no_key_is_asked_for(page: Page) -> None:
    assert tried(page, "get_account", "tw_wrong") == "401"
    page.run("document.getElementById('key').value = ''")
    page.run("document.querySelector('#get_account .send').click()")
    page.until("document.querySelector('#get_account .answer').textContent.includes('Paste a key')")


def test_the_key_is_kept_nowhere(running: Server, page: Page) -> None:
    key = running.credentials["api"]["key"]
    assert tried(page, "get_account", key) == "200"
    kept = page.run(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href, history.length])"
    )
    assert key not in kept
    assert key not in page.run("document.documentElement.outerHTML")
    assert not [url for url in page.requested if key in url]
    page.open(running.url + "/api/docs")
    page.until(READY)
    assert page.run("document.getElementById('key').value") == ""


def test_markup_in_an_answer_stays_text(running: Server, page: Page) -> None:
    canary = "<img src=x onerror=window.broken=1><script>window.broken=1</script>"
    running.api("POST", "/api/messages", {"to": "+447700900123", "text": canary})
    assert tried(page, "get_messages", running.credentials["api"]["key"]) == "200"
    assert canary in page.run("document.querySelector('#get_messages .answer').textContent")
    assert page.run("document.querySelectorAll('main img, main script').length") == 0
    assert page.run("typeof window.broken") == "undefined"


@pytest.mark.parametrize("width", [360, 800, 1400])
@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/errors"])
def test_no_width_makes_the_page_scroll_sideways(running: Server, page: Page, width: int, path: str) -> None:
    page.open(running.url + path, width=width)
    page.until(READY)
    assert page.run("document.documentElement.scrollWidth") <= width


def test_dark_and_light_differ_and_can_be_switched(running: Server, page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.run(ground)
    page.open(running.url + "/api/docs", dark=True)
    page.until(READY)
    dark = page.run(ground)
    assert light != dark
    page.run("document.getElementById('theme').click()")
    assert page.run(ground) == light
