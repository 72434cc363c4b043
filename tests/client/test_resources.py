"""Every resource against a real server over sockets, with the client that blocks and the one that is awaited."""

import secrets
import socket
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from textwire_client import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotDelivered,
    NotFound,
    Range,
    Unauthorized,
    WaitedTooLong,
    Weather,
)

SOURCE = "+16139998877"


def handset() -> str:
    """A number that no other test uses, without manners."""
    return f"+4477{secrets.randbelow(10**4):04}{secrets.randbelow(8999) + 1000:04}"


def test_a_message_is_sent_and_waited_for(client: Any) -> None:
    to = handset()
    sent = client.messages.send(to, "hello", ref="r1", class_="otp", validity=timedelta(hours=2))
    assert (sent.from_, sent.to, sent.ref, sent.class_, sent.price) == (
        SOURCE,
        to,
        "r1",
        "otp",
        Decimal("0.07"),
    )
    story = client.messages.wait_until_delivered(sent.id)
    assert (story.state, story.final) == ("delivered", True)
    assert [one.type for one in story.timeline][-1] == "message.delivered"
    assert [one.text for one in story.segments] == ["hello"]
    assert [one.id for one in client.messages.list(to=to, state=["delivered", "sent"])] == [sent.id]


def test_a_message_that_is_refused_by_the_carrier_is_not_waited_for_in_vain(client: Any) -> None:
    sent = client.messages.send(handset()[:-4] + "0003", "hello")
    with pytest.raises(NotDelivered) as raised:
        client.messages.wait_until_delivered(sent.id)
    assert raised.value.message.state == "rejected"


def test_waiting_ends_in_time(client: Any) -> None:
    sent = client.messages.send(handset()[:-4] + "0008", "hello")
    with pytest.raises(WaitedTooLong):
        client.messages.wait(sent.id, timeout=0.2)


def test_a_schedule_is_taken_back_and_what_is_over_is_deleted(client: Any) -> None:
    at = datetime.now(UTC) + timedelta(days=1)
    sent = client.messages.send(handset(), "later", send_at=at)
    assert sent.state == "scheduled"
    assert abs(sent.send_at - at) < timedelta(milliseconds=1)
    assert client.messages.cancel(sent.id).state == "canceled"
    with pytest.raises(Conflict) as raised:
        client.messages.cancel(sent.id)
    assert raised.value.code == "not_cancelable"
    client.messages.delete(sent.id)
    with pytest.raises(NotFound):
        client.messages.get(sent.id)


def test_the_same_idempotency_key_sends_once(client: Any) -> None:
    to, key = handset(), secrets.token_hex(8)
    assert client.messages.send(to, "a", idempotency_key=key) == client.messages.send(
        to, "a", idempotency_key=key
    )
    assert client.messages.send(to, "a").id != client.messages.send(to, "a").id


def test_many_recipients_get_a_message_each_or_none_does(client: Any) -> None:
    many = client.messages.send_many([handset(), handset()], "hello")
    assert [one.batch for one in many.messages] == [many.batch] * 2
    with pytest.raises(InvalidRequest) as raised:
        client.messages.send_many([handset(), "+1"], "hello")
    assert (raised.value.code, raised.value.field, raised.value.status) == ("invalid_address", "to[1]", 400)
    assert raised.value.request_id


def test_a_list_is_gone_through_page_by_page(client: Any) -> None:
    ref = secrets.token_hex(8)
    sent = [client.messages.send(handset(), str(n), ref=ref).id for n in range(5)]
    assert [one.id for one in client.messages.list(ref=ref, limit=2)] == sent[::-1]
    assert [len(page.items) for page in client.messages.list(ref=ref, limit=2).pages()] == [2, 2, 1]
    assert client.messages.list(ref=ref).first().id == sent[-1]
    assert client.messages.list(ref="none of them").first() is None


def test_a_batch_fills_in_the_values_of_each_recipient(client: Any) -> None:
    first, second = handset(), handset()
    batch = client.batches.create("Hi {{name}}", {first: {"name": "Ann"}, second: {}}, ref="spring")
    assert (batch.total, batch.ref) == (2, "spring")
    for _ in range(200):
        if client.batches.get(batch.id).state == "done":
            break
    items = list(client.batches.items(batch.id))
    assert items[1].refusal.code == "missing_value"
    assert client.messages.get(items[0].message).text == "Hi Ann"
    assert batch.id in [one.id for one in client.batches.list()]
    assert client.batches.cancel(batch.id).id == batch.id


def test_a_text_is_looked_at_before_it_is_sent(client: Any) -> None:
    preview = client.text.preview("It’s here", to=handset())
    assert (preview.encoding, preview.suggestion.text) == ("ucs2", "It's here")
    assert preview.characters_forcing_ucs2[0].cost.price == Decimal("0.00")


def test_a_conversation_is_read_and_deleted(client: Any) -> None:
    remote = handset()
    client.simnet.phones.text(remote, SOURCE, "hi")
    client.messages.wait(client.messages.send(remote, "ho").id)
    [talk] = client.conversations.list(number=SOURCE, remote=remote)
    assert (talk.messages, talk.unread, talk.last.text) == (2, 1, "ho")
    assert [one.text for one in client.conversations.messages(SOURCE, remote)] == ["ho", "hi"]
    assert client.conversations.mark_read(SOURCE, remote).unread == 0
    last = talk.last.id
    client.conversations.delete_message(SOURCE, remote, last)
    assert client.conversations.delete(SOURCE, remote).deleted == 1


def test_a_number_is_searched_bought_assigned_and_released(client: Any) -> None:
    offer = client.numbers.search("DE", type="mobile", features=["SMS", "VOICE"], limit=5).first()
    key = secrets.token_hex(8)
    bought = client.numbers.buy(offer.number, label="support", idempotency_key=key)
    assert client.numbers.buy(offer.number, label="support", idempotency_key=key) == bought
    principal = client.account.get().caller.principal
    assigned = client.numbers.assign(offer.number, principal)
    assert principal in [one.principal for one in assigned.assignments]
    assert client.numbers.change(offer.number, label="spare").label == "spare"
    assert client.numbers.unassign(offer.number, principal).assignments == ()
    assert client.numbers.get(offer.number).payments[-1].since is None  # the set-up
    assert offer.number in [one.number for one in client.numbers.list()]
    client.numbers.release(offer.number)
    with pytest.raises(NotFound):
        client.numbers.get(offer.number)


def test_a_sender_is_proved_by_the_code_on_its_handset(client: Any) -> None:
    number = handset()
    assert client.senders.create(number).state == "pending"
    shown = client.simnet.phones.wait(number, 5).items[0].text
    code = next(word.strip(".") for word in shown.split() if word.strip(".").isdecimal())
    with pytest.raises(Forbidden) as raised:
        client.senders.verify(number, "000000" if code != "000000" else "000001")
    assert raised.value.code == "code_wrong"
    assert client.senders.verify(number, code).state == "verified"
    assert client.messages.send(handset(), "from me", from_=number).from_ == number
    assert number in [one.number for one in client.senders.list()]
    client.senders.delete(number)


def test_a_hook_is_made_changed_rotated_and_deleted(client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/x"
    hook = client.hooks.create(url, ["message.sent"], numbers=[SOURCE])
    assert hook.secret.startswith("whsec_")
    assert hook.secret not in repr(hook)
    assert client.hooks.limit_to(hook.id, None).numbers is None
    assert client.hooks.change(hook.id, events=["message.received"]).events == ("message.received",)
    assert client.hooks.rotate(hook.id).secret != hook.secret
    tried = client.hooks.test(hook.id)
    assert (tried.event.type, tried.error) == ("hook.test", "refused")
    assert client.deliveries.get(tried.id).log[0].error == "refused"
    assert [one.id for one in client.hooks.deliveries(hook.id)] == [tried.id]
    replay = client.hooks.replay(hook.id, datetime.now(UTC) - timedelta(seconds=1))
    assert replay.hook == hook.id
    assert client.hooks.change(hook.id, state="disabled").state == "disabled"
    assert hook.id in [one.id for one in client.hooks.list()]
    client.hooks.delete(hook.id)
    with pytest.raises(NotFound):
        client.hooks.get(hook.id)


def test_an_opt_out_is_added_found_and_forgotten(client: Any) -> None:
    first, second = handset(), handset()
    assert client.opt_outs.add(first).source == "api"
    assert client.opt_outs.import_([first, second]).added == 1
    assert {first, second} <= {one.number for one in client.opt_outs.list()}
    with pytest.raises(Forbidden) as raised:
        client.messages.send(first, "hello")
    assert raised.value.code == "recipient_opted_out"
    client.opt_outs.delete(first)
    with pytest.raises(NotFound):
        client.opt_outs.get(first)


def test_the_account_its_people_and_its_keys(client: Any) -> None:
    before = client.account.get()
    assert (before.name, before.caller.kind) == ("demo", "key")
    assert client.account.change(on_ambiguous="hold").settings.on_ambiguous == "hold"
    assert client.account.change(on_ambiguous="resend").settings.on_ambiguous == "resend"
    told = client.account.change(callback_method="POST-JSON", sms_api="messages", intermediate_receipts=True)
    assert (told.settings.callback_method, told.settings.sms_api) == ("POST-JSON", "messages")
    back = client.account.change(callback_method="GET", sms_api="sms", intermediate_receipts=False)
    assert back.settings == before.settings
    user = client.users.create(f"{secrets.token_hex(4)}@example.test", name="Jo")
    assert client.users.get(user.id).name == "Jo"
    assert user.id in [one.id for one in client.users.list()]
    assert client.users.change(user.id, name="Joanna", default_number=None).name == "Joanna"
    client.users.delete(user.id)
    project = client.projects.create("Shop")
    assert project.client_secret not in repr(project)
    assert client.projects.get(project.id) in list(client.projects.list())
    assert client.projects.change(project.id, new_secret=True).client_secret != project.client_secret
    client.projects.delete(project.id)
    made = client.keys.create("CI", ["read"], expires_at=datetime.now(UTC) + timedelta(days=1))
    assert made.key not in repr(made)
    assert client.keys.get(made.id) in list(client.keys.list())
    client.keys.delete(made.id)


def test_a_user_has_tokens_for_sipgates_clients(client: Any) -> None:
    user = client.users.create(f"{secrets.token_hex(4)}@example.test")
    key, until = secrets.token_hex(8), datetime.now(UTC) + timedelta(days=1)
    made = client.tokens.create(user.id, "CRM", ["sms:read"], expires_at=until, idempotency_key=key)
    assert client.tokens.create(user.id, "CRM", ["sms:read"], expires_at=until, idempotency_key=key) == made
    assert made.token not in repr(made)
    assert (made.user, made.scopes) == (user.id, ("sms:read",))
    assert [one.id for one in client.tokens.list() if one.user == user.id] == [made.id]
    client.tokens.delete(made.id)
    with pytest.raises(NotFound):
        client.tokens.delete(made.id)


def test_vonages_credentials_are_made_on_demand_and_changed(client: Any) -> None:
    opened = client.accounts.create(f"v{secrets.token_hex(5)}")
    assert opened.vonage.api_secret not in repr(opened.vonage)
    before = client.vonage.get()
    made = client.vonage.create(api_secret=True)
    assert (made.api_key, made.signature_secret) == (before.api_key, None)
    assert made.api_secret not in repr(made)
    assert len(made.api_secrets) == 2
    assert client.vonage.create(end_old=True).api_secrets == made.api_secrets[1:]
    assert client.vonage.create().api_secret is None


def test_the_operator_opens_and_suspends_accounts(client: Any) -> None:
    account = client.accounts.create(f"t{secrets.token_hex(5)}", balance="5")
    assert (account.balance, account.key in repr(account)) == (Decimal("5.00"), False)
    assert client.accounts.change(account.id, topup="1.50").balance == Decimal("6.50")
    assert client.accounts.change(account.id, state="suspended").state == "suspended"
    assert client.accounts.get(account.id) in list(client.accounts.list())


def test_the_simulated_network_has_handsets_weather_and_a_clock(client: Any) -> None:
    number = handset()
    assert client.simnet.phones.change(number, answer="you said {text}").state == "answering"
    client.messages.send(number, "ping")
    first = client.simnet.phones.wait(number, 5).items[-1]
    assert (first.direction, first.text, first.from_) == ("in", "ping", SOURCE)
    later = client.simnet.phones.wait(number, 5, after=first.id).items
    assert [one.text for one in later] == ["you said ping"]
    assert len(list(client.simnet.phones.messages(number))) == 2
    assert len(client.simnet.phones.get(number).messages) == 2
    set_ = client.simnet.network.set(Weather(latency=Range(min_ms=1, max_ms=2), seed=7))
    assert (set_.latency, set_.delivery, set_.seed) == (
        Range(min_ms=1, max_ms=2),
        Range(min_ms=80, max_ms=120),
        7,
    )
    client.simnet.reset()
    assert client.simnet.network.get().seed == 0
    before = client.simnet.clock.get()
    assert client.simnet.clock.freeze().frozen
    assert client.simnet.clock.advance(timedelta(minutes=1)).now - before.now >= timedelta(minutes=1)
    assert not client.simnet.clock.thaw().frozen


def test_a_wrong_key_is_told_apart(running: Any) -> None:
    from textwire_client import Client

    with Client(running.url, "tw_wrong") as stranger, pytest.raises(Unauthorized) as raised:
        stranger.account.get()
    assert raised.value.problem.title
    assert "tw_wrong" not in str(raised.value) + repr(stranger)
