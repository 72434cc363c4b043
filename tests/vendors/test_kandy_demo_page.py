"""The demo page in a browser, with the vendor's own SDK: the way of seed and tutorial, and what the page does not let through."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page

from .packages import browser_script
from .secure import House
from .site import site

DID, FOREIGN = "+16139998877", "+16135550100"
PHONE, OTHER_PHONE = "+16131234567", "+16131234568"
CANARY = "<img src=x onerror=window.broken=1><script>window.broken=1</script> 😀"
DEMO = "/demo/kandy-sms.html"


class Demo:
    """What a person does on the page, and sees."""

    def __init__(self, page: Page, home: House) -> None:
        self.page, self.home = page, home

    def open(self, url: str, **look: object) -> "Demo":
        self.page.forget()
        self.page.open(url, **look)  # type: ignore[arg-type]
        self.page.until("document.getElementById('host')?.value")
        return self

    def state(self, step: str) -> str:
        """How a step has ended."""
        return str(
            self.page.until(
                f"['done', 'bad'].find((one) => one === document.getElementById('{step}').dataset.state)"
            )
        )

    def said(self, step: str) -> str:
        return str(self.page.run(f"document.querySelector('#{step} [role=status]').textContent"))

    def fill(self, step: str, **values: str) -> "Demo":
        """Enters values into fields, by their names, and sends the form."""
        self.page.run(
            f"""(() => {{
              const form = document.querySelector('#{step} form');
              for (const [name, value] of Object.entries({json.dumps(values)})) form.elements[name].value = value;
              form.requestSubmit();
            }})()"""
        )
        return self

    def load(self, file: Path) -> "Demo":
        self.page.choose("#file", file)
        return self

    def login(self, password: str = "") -> "Demo":
        kandy = self.home.kandy
        return self.fill(
            "login", client=kandy["client_id"], email=kandy["email"], password=password or kandy["password"]
        )

    def write(self, text: str) -> None:
        self.page.run(f"document.getElementById('text').value = {json.dumps(text)}")
        self.page.run("document.getElementById('compose').requestSubmit()")

    def bubbles(self, count: int) -> list[list[str]]:
        """Who said what in the conversation that is looked at, once there is so much."""
        self.page.until(f"document.querySelectorAll('#said li').length >= {count}")
        return list(
            self.page.run(
                "[...document.querySelectorAll('#said li')].map((li) => [li.className, li.querySelector('p').textContent])"
            )
        )


@pytest.fixture
def demo(tab: Page, home: House) -> Iterator[Demo]:
    """The page, as plain HTTP serves it: it talks to the TLS port, which is another origin anyway."""
    yield Demo(tab, home).open(home.url + DEMO)
    tab.open("about:blank")


@pytest.fixture
def talking(demo: Demo) -> Demo:
    """Logged in, subscribed, with a conversation."""
    demo.load(browser_script()).state("sdk")
    demo.login().state("login")
    demo.fill("listen").state("listen")
    assert demo.said("listen").startswith(f"Subscribed to {DID}"), demo.said("listen")
    demo.fill("talk", remote=PHONE)
    return demo


def test_the_page_knows_where_the_server_speaks_tls(demo: Demo, home: House) -> None:
    fields = "[document.getElementById('host').value, document.getElementById('port').value]"
    assert demo.page.run(fields) == ["127.0.0.1", str(home.port)]
    assert demo.page.run("document.getElementById('tls-link').href") == f"https://127.0.0.1:{home.port}{DEMO}"
    demo.open(f"https://127.0.0.1:{home.port}{DEMO}")
    assert demo.page.run(fields) == ["127.0.0.1", str(home.port)]
    assert demo.page.run("document.getElementById('over-tls').hidden")


def test_the_page_says_how_to_get_the_script_and_needs_it_first(demo: Demo) -> None:
    assert "npm pack @kandy-io/cpaas-sdk" in demo.page.run("document.getElementById('sdk').textContent")
    assert demo.page.run("document.querySelectorAll('#login input:enabled').length") == 0
    demo.fill("sdk")
    assert (demo.state("sdk"), demo.said("sdk")) == ("bad", "Choose the file, or give an address.")


@pytest.mark.parametrize(
    ("content", "words"),
    [("const nothing = 1;", "does not define Kandy.create"), ("<html>", "does not define Kandy.create")],
)
def test_a_file_that_is_not_the_sdk_is_told(demo: Demo, tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "other.js"
    file.write_text(content)
    demo.load(file)
    assert demo.state("sdk") == "bad"
    assert words in demo.said("sdk")


def test_an_address_that_cannot_be_fetched_is_told(demo: Demo) -> None:
    with site({}) as origin:
        demo.fill("sdk", address=origin + "/kandy.js")
        assert demo.state("sdk") == "bad"
        assert "cannot be fetched" in demo.said("sdk")  # it allows no other origins


def test_the_script_may_come_from_an_address(demo: Demo) -> None:
    with site({"/kandy.js": browser_script()}, shared=True) as origin:
        demo.fill("sdk", address=origin + "/other.js")
        assert (demo.state("sdk"), demo.said("sdk")) == ("bad", "The address answers with 404.")
        demo.fill("sdk", address=origin + "/kandy.js")
        demo.page.until("document.getElementById('sdk').dataset.state === 'done'")
    assert demo.page.run("typeof Kandy.create") == "function"


def test_a_script_of_the_visitor_has_no_origin_and_no_way_to_text_made_markup(
    demo: Demo, tmp_path: Path
) -> None:
    file = tmp_path / "curious.js"
    file.write_text("""
      const tried = (work) => { try { work(); return "done"; } catch (error) { return error.name; } };
      window.Kandy = {create: () => 0, found: [
        window.origin,
        tried(() => localStorage.length),
        tried(() => document.cookie),
        tried(() => { document.body.innerHTML = "<b>"; }),
        tried(() => eval("1")),
      ]};
    """)  # fmt: skip
    demo.load(file)
    assert demo.state("sdk") == "done"
    assert demo.page.run("Kandy.found") == [
        "null",
        "SecurityError",
        "SecurityError",
        "TypeError",
        "EvalError",
    ]
    blocked = demo.page.run("fetch('/healthz').then((a) => a.status, (error) => error.name)")
    assert blocked == "TypeError"  # what the server tells its own pages is not for this one


def test_a_wrong_password_is_told_in_the_servers_words(demo: Demo) -> None:
    demo.load(browser_script()).state("sdk")
    demo.login("wrong")
    assert (demo.state("login"), demo.said("login")) == ("bad", "Invalid user credentials")


def test_a_server_that_is_not_there_is_told(demo: Demo) -> None:
    demo.load(browser_script()).state("sdk")
    demo.fill("login", port="1", client="PUB-x", email="a@example.test", password="x")
    assert demo.state("login") == "bad"
    assert "https://127.0.0.1:1 cannot be reached" in demo.said("login")


def test_after_the_login_the_users_number_is_there(demo: Demo) -> None:
    demo.load(browser_script()).state("sdk")
    demo.login()
    assert demo.state("login") == "done"
    assert demo.page.run("document.getElementById('number').value") == DID
    assert demo.page.complaints == []
    assert {url.split("/demo/")[0] for url in demo.page.requested if "/demo/" in url} == {demo.home.url}


def test_the_way_of_the_tutorial(talking: Demo, home: House) -> None:
    talking.write("hi :) 😀")
    assert talking.bubbles(1) == [["own", "hi :) 😀"]]
    assert home.arrives(PHONE, "hi :) 😀")
    talking.page.until("document.querySelector('#said .state')?.textContent === 'delivered'")
    home.types(PHONE, DID, "hello yourself")
    assert talking.bubbles(2)[1] == ["theirs", "hello yourself"]
    talking.page.run("document.getElementById('unsubscribe').click()")
    talking.page.until("document.getElementById('unsubscribe').hidden")
    assert talking.said("listen") == "Unsubscribed"
    assert talking.page.complaints == []


def test_another_login_ends_the_subscription_and_begins_anew(talking: Demo, home: House) -> None:
    talking.login()
    talking.page.until("document.getElementById('unsubscribe').hidden")
    assert (talking.state("login"), talking.said("listen")) == ("done", "Unsubscribed")
    talking.fill("listen")
    talking.page.until("document.getElementById('subscribe').hidden")
    home.types(PHONE, DID, "heard once")
    assert talking.bubbles(1) == [["theirs", "heard once"]]
    assert talking.page.complaints == []


def test_text_from_any_phone_stays_text(talking: Demo, home: House) -> None:
    home.types(PHONE, DID, CANARY)
    assert talking.bubbles(1) == [["theirs", CANARY]]
    assert talking.page.run("document.querySelectorAll('main img, main script').length") == 0
    assert talking.page.run("typeof window.broken") == "undefined"


def test_a_text_of_somebody_new_opens_a_tab_of_its_own(talking: Demo, home: House) -> None:
    home.types(OTHER_PHONE, DID, "it is me")
    talking.page.until("document.querySelectorAll('#tabs button').length === 2")
    assert talking.page.run("document.querySelector('#tabs .unseen').textContent") == "1"
    talking.page.run("[...document.querySelectorAll('#tabs button')][1].click()")
    assert talking.bubbles(1) == [["theirs", "it is me"]]


def test_a_number_that_is_not_the_users_is_told(demo: Demo) -> None:
    demo.load(browser_script()).state("sdk")
    demo.login().state("login")
    demo.fill("listen", number=FOREIGN)
    assert demo.state("listen") == "bad"
    assert "Is the number assigned" in demo.said("listen")


def test_nothing_that_is_entered_is_kept(demo: Demo, home: House) -> None:
    demo.load(browser_script()).state("sdk")
    demo.login().state("login")
    secret = home.kandy["password"]
    assert secret not in demo.page.run("document.documentElement.outerHTML + location.href")
    assert not [url for url in demo.page.requested if secret in url]
    demo.open(home.url + DEMO)
    assert demo.page.run(
        "[...document.querySelectorAll('#login input')].map((one) => one.value).slice(0, 3)"
    ) == ["", "", ""]


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_width_makes_the_page_scroll_sideways(demo: Demo, width: int) -> None:
    demo.open(demo.home.url + DEMO, width=width)
    demo.page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert demo.page.run("document.documentElement.scrollWidth") <= width


def test_dark_and_light_differ(demo: Demo) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = demo.page.run(ground)
    demo.open(demo.home.url + DEMO, dark=True)
    assert demo.page.run(ground) != light
