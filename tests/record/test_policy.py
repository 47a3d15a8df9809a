import pytest
from tests.record.sample import ORIGIN, key, policy, vkey

from baseload.record.errors import FormatError
from baseload.record.keys import verifier_key
from baseload.record.policy import parse

HEAD = "".join(
    f"{line}\n"
    for line in [
        f"log {vkey('log', ORIGIN)}",
        *(f"witness {n} {vkey(n, n, True)}" for n in "abcd"),
    ]
)


def keys(names):
    return [verifier_key(key(name), name, witness=True) for name in names]


@pytest.mark.parametrize(
    ("rest", "enough", "too_few"),
    [
        ("quorum none", ["", "a"], []),
        ("quorum b", ["b", "abc"], ["", "acd"]),
        ("group g any a b\nquorum g", ["a", "b"], ["", "cd"]),
        ("group g all a b\nquorum g", ["ab", "abc"], ["a", "b", "cd"]),
        ("group g 2 a b c\nquorum g", ["ab", "ac", "bc", "abc"], ["a", "ad"]),
        ("group p 2 a b c\ngroup g all p d\nquorum g", ["abd", "bcd"], ["abc", "ad", "d"]),
    ],
)
def test_a_quorum_is_met_by_these_and_not_by_those(rest, enough, too_few):
    found = parse(f"{HEAD}# a remark\n\n{rest}\n")
    assert all(found.met(keys(names)) for names in enough)
    assert not any(found.met(keys(names)) for names in too_few)


def test_addresses_are_kept():
    found = parse(f"{HEAD}witness e {vkey('e', 'e', True)} http://127.0.0.1:9\nquorum none\n")
    assert (found.witnesses["e"].url, found.witnesses["a"].url) == ("http://127.0.0.1:9", None)
    assert parse(policy()).quorum == "both"


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "quorum z",
        "quorum a\nquorum b",
        "group g 3 a b\nquorum g",
        "group g 0 a b\nquorum g",
        "group g -1 a b\nquorum g",
        "group g 1 a a\nquorum g",
        "group g 1 a z\nquorum g",
        "group a 1 a b\nquorum a",
        "group none 1 a b\nquorum none",
        "group g g a b\nquorum g",
        "witness a " + vkey("a", "a", True) + "\nquorum a",
        "witness x y\nquorum a",
        "something a\nquorum a",
    ],
)
def test_other_policies_are_refused(rest):
    with pytest.raises(FormatError):
        parse(f"{HEAD}{rest}\n")


def test_a_policy_without_a_log_is_refused():
    with pytest.raises(FormatError):
        parse("quorum none\n")
