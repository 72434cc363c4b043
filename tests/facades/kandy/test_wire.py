"""The spelling of Kandy's wire: names, identifiers, URLs."""

import msgspec
import pytest

from textwire.facades.kandy import wire


@pytest.mark.parametrize(
    ("field", "spelled"),
    [
        ("address", "address"),
        ("client_correlator", "clientCorrelator"),
        ("outbound_sms_message_request", "outboundSMSMessageRequest"),
        ("outbound_sms_text_message", "outboundSMSTextMessage"),
        ("inbound_sms_message_notification", "inboundSMSMessageNotification"),
        ("sms_subscription_cancellation_notification", "smsSubscriptionCancellationNotification"),
        ("resource_url", "resourceURL"),
        ("callback_url", "callbackURL"),
        ("notify_url", "notifyURL"),
        ("date_time", "dateTime"),
    ],
)
def test_fields_are_spelled_as_the_sdks_read_them(field: str, spelled: str) -> None:
    assert wire.spelled(field) == spelled


def test_a_body_leaves_out_what_it_has_nothing_to_say_about() -> None:
    class Body(wire.Wire, frozen=True):
        notify_url: str
        client_correlator: str = ""

    assert msgspec.json.encode(Body(notify_url="wh-1")) == b'{"notifyURL":"wh-1"}'
    assert msgspec.json.decode(b'{"notifyURL":"wh-1","other":1}', type=Body) == Body(notify_url="wh-1")


def test_a_message_is_the_last_segment_of_its_url_and_the_eleventh_part_of_it() -> None:
    url = wire.message_url("user-1", "+16131234567", "+16139998877", 0x1234)
    # The browser SDK takes what follows /messages/, Go's splits at every slash.
    assert url.partition("/messages/")[2] == "SM1-0000000000001234"
    assert url.split("/")[10] == "SM1-0000000000001234"
    assert url.startswith(
        "/cpaas/smsmessaging/v1/user-1/remoteAddresses/+16131234567/localAddresses/+16139998877/"
    )


@pytest.mark.parametrize("message", [0, 1, 2**62, 2**63 - 1])
def test_identifiers_keep_one_length_and_their_order(message: int) -> None:
    text = wire.message_id(message)
    assert len(text) == 20
    assert "/" not in text
    assert int(text[4:], 16) == message


def test_times_are_whole_milliseconds() -> None:
    assert wire.milliseconds(1_568_889_113_850_999) == 1_568_889_113_850
