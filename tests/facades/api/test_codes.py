"""Every code has one status, one meaning, a way out and a place where people read about it."""

from collections import Counter

from textwire.domain.refusal import CODES, Refusal
from textwire.facades.api import codes, problem, reading
from textwire.web import problem as web


def test_every_code_is_listed_once_with_what_it_means_and_a_way_out() -> None:
    listed = codes.catalogue()
    assert Counter(one.code for one in listed) == Counter({**CODES, **codes.SHELL}.keys())
    for one in listed:
        assert one.meaning.endswith("."), one
        assert one.way_out.endswith("."), one
        assert codes.type_of(one.code) == f"/api/docs/errors#{one.code}"


def test_the_list_tells_the_status_that_a_refusal_really_has() -> None:
    for one in codes.catalogue():
        if one.code in CODES:
            assert problem.of_refusal(Refusal(one.code)).status == one.status


def test_what_the_shell_refuses_has_codes_of_the_list_with_their_status() -> None:
    found = [value for value in vars(web).values() if isinstance(value, web.Problem)]
    found += [web.wrong_method([]), web.too_large(1, False), reading._NOT_JSON]
    assert len(found) > 7
    assert {(one.code, one.status) for one in found} <= {(c.code, c.status) for c in codes.catalogue()}
    assert set(codes.SHELL) <= {one.code for one in found}


def test_ways_out_are_told_of_codes_that_there_are() -> None:
    assert set(codes._OWN_WAYS_OUT) <= {*CODES, *codes.SHELL}


def test_a_code_that_is_none_of_ours_leads_nowhere() -> None:
    assert (codes.type_of("bad_request"), codes.meaning_of("bad_request")) == ("about:blank", "")
