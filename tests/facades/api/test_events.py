import json

from tests.facades.api.values import AT, event, hook, message
from textwire.facades.api.events import ApiDialect
from textwire.hooks import sign
from textwire.hooks.dialect import Dialect, Notice

SECRET = sign.new_secret()


def notice(**changes: object) -> Notice:
    fields = {
        "identifier": "evt_41",
        "event": event(),
        "message": message(state="delivered", sequence=3),
        "hook": hook(secret=SECRET),
        "at": AT,
    }
    return Notice(**(fields | changes))  # type: ignore[arg-type]


def dialect() -> Dialect:
    return ApiDialect(sign.sign)


def test_the_body_is_the_event_with_its_message_as_it_was_then() -> None:
    body = json.loads(dialect().body(notice()) or b"")
    assert set(body) == {"id", "type", "timestamp", "sequence", "data"}
    assert (body["id"], body["type"], body["sequence"]) == ("evt_41", "message.sent", 2)
    assert body["timestamp"] == "2023-11-14T22:13:21.123Z"
    assert (body["data"]["state"], body["data"]["sequence"], body["data"]["text"]) == ("sent", 2, "hello")


def test_an_event_without_a_message_tells_its_own_data() -> None:
    told = event("optout.added", 1, '{"number":"+447700900123","via":"+16139998877"}', subject=0, state="")
    body = json.loads(dialect().body(notice(event=told, message=None)) or b"")
    assert body["data"] == {"number": "+447700900123", "via": "+16139998877"}


def test_of_a_message_that_was_deleted_only_its_name_and_state_are_told() -> None:
    body = json.loads(dialect().body(notice(message=None)) or b"")
    assert body["data"] == {"id": str(message().id), "state": "sent", "deleted": True}


def test_every_attempt_posts_the_same_body_and_signs_it_for_its_own_time() -> None:
    first, second = notice(), notice(at=AT + 5_000_000)
    wording = dialect()
    body = wording.body(first) or b""
    assert wording.body(second) == body
    one, two = wording.headers(first, body), wording.headers(second, body)
    assert one["webhook-id"] == two["webhook-id"] == "evt_41"
    assert (one["webhook-timestamp"], two["webhook-timestamp"]) == ("1700000000", "1700000005")
    assert one["webhook-signature"] == sign.sign(SECRET, "evt_41", 1_700_000_000, body)
    assert one["webhook-signature"] != two["webhook-signature"]


def test_a_hook_whose_secret_cannot_be_opened_is_posted_unsigned() -> None:
    unsigned = dialect().headers(notice(hook=hook(secret="")), b"{}")
    assert set(unsigned) == {"webhook-id", "webhook-timestamp"}


def test_ten_tries_take_three_days_and_more() -> None:
    wording = dialect()
    assert len(wording.waits) == 9
    assert sum(wording.waits) == 75 * 3600 + 35 * 60 + 5
    assert (wording.name, wording.jitter, wording.disables, wording.silence) == ("api", 0.1, True, None)
