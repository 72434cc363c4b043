"""The commands over the own API against a server: what a person does with numbers, hooks, opt-outs, people and time."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import unsafe
from tests.serving import COMMAND, Server, clean_environment, server
from textwire.cli.own import messages
from textwire.domain.message import STATES

HANDSET, GONE, NUMBER = "+447700900123", "+447700910001", "+16139998877"
NASTY = "\x1b[2Jforged\x07\nline\x9b31m"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("house")) as running:
        yield running


def said(house: Server, *arguments: str) -> str:
    """What a command that works says."""
    done = house.textwire(*arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert not unsafe(done.stdout)
    return done.stdout


def told(house: Server, *arguments: str) -> Any:
    return json.loads(said(house, *arguments, "--json"))


def refused(house: Server, *arguments: str) -> str:
    """What a command says that the server refuses: one line."""
    done = house.textwire(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    return done.stderr


def test_a_person_sees_why_a_message_did_not_arrive(house: Server) -> None:
    house.textwire("send", "--wait", "--to", GONE, "are you\nthere?")
    found = told(house, "messages", "list", "--state", "undelivered", "--to", GONE)
    shown = said(house, "messages", "show", found["id"])
    assert "undelivered: the network gave up on it, because the network knows no such subscriber" in shown
    assert "text: are you\n      there?" in shown
    states = [line.split()[1] for line in shown.splitlines() if line.startswith("  20")]
    assert states == ["submitting", "sent", "undelivered", "receipt"]
    assert "not_cancelable" in refused(house, "messages", "cancel", found["id"])


def test_every_state_is_explained() -> None:
    assert messages.STATES.keys() == STATES


def test_what_waits_can_be_taken_back(house: Server) -> None:
    now = datetime.fromisoformat(house.api("GET", "/api/simnet/clock")["now"])
    form = {"to": HANDSET, "text": "later", "send_at": (now + timedelta(days=1)).isoformat()}
    later = house.api("POST", "/api/messages", form)
    assert said(house, "messages", "cancel", later["id"]) == f"{later['id']} is canceled\n"


def test_texts_of_strangers_reach_no_terminal_as_a_command(house: Server) -> None:
    house.api("POST", f"/api/simnet/phones/{HANDSET}/messages", {"to": NUMBER, "text": NASTY})
    listed = said(house, "messages", "list", "--direction", "in")
    identifier = listed.splitlines()[1].split()[0]
    assert "forged line" in listed
    assert "forged" in said(house, "messages", "show", identifier)
    assert told(house, "messages", "show", identifier)["text"] == NASTY


def test_a_number_is_found_bought_assigned_and_released(house: Server) -> None:
    found = house.textwire("numbers", "search", "gb", "--features", "SMS", "--limit", "100")
    assert found.stderr == "there are more: --limit shows up to 100000\n"
    offer = found.stdout.splitlines()[1].split()[0]
    assert told(house, "numbers", "buy", offer, "--label", "shop")["label"] == "shop"
    assert "number_taken" in refused(house, "numbers", "buy", offer)
    key = told(house, "keys", "list")["id"]
    assigned = told(house, "numbers", "assign", offer, "--to", key)
    assert [one["principal"] for one in assigned["assignments"]] == [key]
    assert offer in said(house, "numbers", "list")
    assert told(house, "numbers", "unassign", offer, "--from", key)["assignments"] == []
    assert said(house, "numbers", "release", offer) == f"{offer} is released\n"
    assert "not_found" in refused(house, "numbers", "show", offer)


def test_a_refusal_names_the_option_that_was_typed(house: Server) -> None:
    assert "(--state)" in refused(house, "messages", "list", "--state", "nope")
    assert "(--events[1])" in refused(
        house, "hooks", "add", "http://127.0.0.1:9999/x", "--events", "message.sent,nope"
    )
    assert "(NUMBER)" in refused(house, "numbers", "buy", "12")


def test_a_webhook_is_added_tested_rotated_and_ended(house: Server) -> None:
    made = told(
        house,
        "hooks",
        "add",
        "http://127.0.0.1:9999/x",
        "--events",
        "message.sent,message.received",
        "--number",
        NUMBER,
    )
    assert made["events"] == ["message.sent", "message.received"]
    assert made["numbers"] == [NUMBER]
    assert said(house, "hooks", "test", made["id"]).startswith("failed, answered ")
    assert made["id"] in said(house, "hooks", "list")
    delivery = told(house, "hooks", "deliveries", made["id"])
    assert "hook.test" in said(house, "hooks", "delivery", delivery["id"])
    assert told(house, "hooks", "rotate", made["id"])["secret"] != made["secret"]
    assert told(house, "hooks", "change", made["id"], "--state", "disabled")["state"] == "disabled"
    nothing = house.textwire("hooks", "change", made["id"])
    assert nothing.returncode == 2
    assert "--address, --events, --number, --state" in nothing.stderr
    assert said(house, "hooks", "delete", made["id"]) == f"{made['id']} is deleted\n"
    assert house.textwire("hooks", "list").stderr == "there is no webhook\n"


def test_a_list_of_opt_outs_comes_in_whole_or_not_and_goes_out_again(house: Server, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("number\n+447700900551\nnobody\n")
    done = house.textwire("opt-outs", "import", str(bad))
    assert done.returncode == 1
    assert "line 3: " in done.stderr
    assert "--partial" in done.stderr
    assert house.textwire("opt-outs", "list").stderr == "nobody has opted out\n"
    good = tmp_path / "good.jsonl"
    good.write_text('{"number": "+447700900551"}\n{"number": "+447700900552"}\n')
    assert told(house, "opt-outs", "import", str(good))["added"] == 2
    assert "recipient_opted_out" in refused(house, "send", "--to", "+447700900551", "hello")
    out = tmp_path / "out.csv"
    assert said(house, "opt-outs", "export", str(out), "--raw") == ""
    assert sorted(line.split(",")[0] for line in out.read_text().splitlines()) == [
        "+447700900551",
        "+447700900552",
        "number",
    ]
    again = house.textwire("opt-outs", "export", str(out))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    lines = said(house, "opt-outs", "export", "--json").splitlines()
    assert {json.loads(line)["number"] for line in lines} == {"+447700900551", "+447700900552"}
    said(house, "opt-outs", "remove", "+447700900551")
    assert told(house, "opt-outs", "add", "+447700900552")["source"]
    assert "not_found" in refused(house, "opt-outs", "show", "+447700900551")


def test_an_account_is_set_by_what_is_named_alone(house: Server) -> None:
    place = "http://127.0.0.1:9999/in"
    set_ = told(house, "accounts", "set", "--inbound-url", place, "--callback-method", "POST-JSON")[
        "settings"
    ]
    assert (set_["inbound_url"], set_["callback_method"], set_["throughput"]) == (place, "POST-JSON", 0)
    set_ = told(house, "accounts", "set", "--inbound-url", "", "--throughput", "5")["settings"]
    assert (set_["inbound_url"], set_["callback_method"], set_["throughput"]) == ("", "POST-JSON", 5)


def test_keys_users_and_accounts_are_made_and_taken_away(house: Server) -> None:
    told(house, "send", "--to", HANDSET, "hello")
    key = told(house, "keys", "add", "--name", "reader", "--scopes", "read")
    assert said(house, "messages", "list", "--key", key["key"])
    assert "scope_missing" in refused(house, "send", "--key", key["key"], "--to", HANDSET, "hello")
    said(house, "keys", "delete", key["id"])
    assert "does not know this key" in refused(house, "messages", "list", "--key", key["key"])
    user = told(house, "users", "add", "ada@example.test", "--name", "Ada")
    assert user["password"]
    assert told(house, "users", "change", user["id"], "--name", "Ada L.")["name"] == "Ada L."
    token = told(house, "tokens", "add", user["id"], "--name", "CRM", "--scopes", "sms:read,sms:write")
    assert token["scopes"] == ["sms:read", "sms:write"]
    assert token["token"] not in said(house, "tokens", "list")
    said(house, "tokens", "delete", token["id"])
    said(house, "users", "delete", user["id"])
    account = told(house, "accounts", "add", "second", "--balance", "5")
    assert told(house, "accounts", "top-up", account["id"], "2.50")["balance"] == "7.50"
    assert told(house, "accounts", "suspend", account["id"])["state"] == "suspended"
    assert told(house, "accounts", "resume", account["id"])["state"] == "active"
    assert "second" in said(house, "accounts", "list")
    assert said(house, "accounts", "audit", "--limit", "100")
    acme = ("--key", account["key"])
    before = told(house, "vonage", "show", *acme)
    assert before["api_key"] == account["vonage"]["api_key"]
    assert told(house, "vonage", "add", *acme)["api_secret"] is None
    new = told(house, "vonage", "add", "--api-secret", *acme)
    assert (len(new["api_secrets"]), new["signature_secret"]) == (2, None)
    assert told(house, "vonage", "add", "--end-old", *acme)["api_secrets"] == new["api_secrets"][1:]


def test_a_number_of_one_s_own_is_proved_by_the_code_that_its_handset_shows(house: Server) -> None:
    mine = "+447700900777"
    assert "sender_forbidden" in refused(house, "send", "--from", mine, "--to", HANDSET, "hello")
    assert told(house, "senders", "prove", mine)["state"] == "pending"
    shown = house.api("GET", f"/api/simnet/phones/{mine}/messages?wait=10")["items"][0]["text"]
    [code] = re.findall(r"\b[0-9]{6}\b", shown)
    assert told(house, "senders", "verify", mine, code)["state"] == "verified"
    assert told(house, "send", "--from", mine, "--to", HANDSET, "hello")["from"] == mine
    assert mine in said(house, "senders", "list")
    said(house, "senders", "delete", mine)


def test_a_project_is_added_and_gets_a_new_secret(house: Server) -> None:
    made = told(house, "projects", "add", "--name", "shop")
    assert told(house, "projects", "rotate", made["id"])["client_secret"] not in (None, made["client_secret"])
    assert "shop" in said(house, "projects", "list")
    said(house, "projects", "delete", made["id"])


def test_a_batch_can_be_looked_at(house: Server, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"to\n{HANDSET}\nnobody\n")
    house.textwire("batch", str(tmp_path / "list.csv"), "--text", "hello")
    batch = told(house, "batches", "list", "--limit", "1")
    assert told(house, "batches", "show", batch["id"])["counts"]["refused"] == 1
    states = [line.split()[1] for line in said(house, "batches", "items", batch["id"]).splitlines()[1:]]
    assert sorted(states)[-1] == "refused"
    assert len(states) == 2


def test_time_and_weather_are_set_and_shown(house: Server) -> None:
    before = told(house, "clock", "show")["ahead_seconds"]
    assert told(house, "clock", "advance", "24h")["ahead_seconds"] - before == pytest.approx(86_400, abs=5)
    assert told(house, "clock", "freeze")["frozen"] is True
    assert told(house, "clock", "thaw")["frozen"] is False
    weather = told(
        house,
        "network",
        "set",
        "--latency",
        "20-200",
        "--loss",
        "receipt=0.01",
        "--throttle",
        "50",
        "--seed",
        "7",
    )
    assert weather["latency"] == {"min_ms": 20, "max_ms": 200}
    assert weather["loss"] == [{"what": "receipt", "probability": 0.01}]
    assert weather["throttle"]["per_second"] == 50
    assert "seed           7" in said(house, "network", "show")
    wrong = house.textwire("network", "set", "--latency", "fast")
    assert wrong.returncode == 2
    assert "MS-MS" in wrong.stderr
    assert "network is new" in said(house, "network", "reset")


def test_a_preview_tells_what_makes_a_text_dear(house: Server) -> None:
    assert said(house, "preview", "hello", "--to", HANDSET).startswith(
        "5 characters, GSM 03.38, 1 segment, 0.07 EUR; room"
    )
    shown = said(house, "preview", "it’s " * 30)
    assert "U+2019" in shown
    assert "cheaper: it's it's" in shown


def test_a_shell_completes_numbers_of_the_server(house: Server) -> None:
    environment = clean_environment() | {
        "_TEXTWIRE_COMPLETE": "bash_complete", "COMP_WORDS": "textwire numbers show +49", "COMP_CWORD": "3",
        "TEXTWIRE_DATA": str(house.data),
    }  # fmt: skip
    done = subprocess.run(COMMAND, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "plain,+4915799912345\n"
    nobody = subprocess.run(COMMAND, capture_output=True, text=True, check=True,
                            env=environment | {"TEXTWIRE_DATA": os.devnull + "/none"})  # fmt: skip
    assert (nobody.stdout.strip(), nobody.stderr) == ("", "")
