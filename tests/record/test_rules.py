import pytest
from tests.record.sample import (
    ORIGIN,
    START,
    approved,
    charter,
    charter_body,
    key,
    reading,
    signature,
    sources,
    vkey,
)

from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.keys import verifier_key
from baseload.record.rules import AuthorityError, Rules, approval, key_change, signed_message
from baseload.record.source import Source

ORDER = {"ordered_by": "plant", "order": "1", "power": "0", "start": str(START), "reason": "safety"}


def begun():
    of, rules = sources(), Rules(ORIGIN)
    rules.admit(0, parse(charter(of["desk"])))
    return of, rules


def change(of, body, by=("plant", "board")):
    return parse(of["desk"].event("rule.change/1", START, START, approved(body, by)))


def order(source, **more):
    return parse(source.event("fleet.setpoint/1", START, START, ORDER | more))


def refuse(rules, event):
    with pytest.raises(AuthorityError) as caught:
        rules.admit(7, event)
    assert caught.value.where == "entry 7"
    return caught.value


def test_the_charter_says_who_may_do_what():
    of, rules = begun()
    assert rules.roles["board"] == {"inspect", "admin"}
    rules.admit(1, parse(reading(of["meter"], 0)))
    rules.admit(2, order(of["control"]))


@pytest.mark.parametrize(
    "body",
    [
        charter_body() | {"origin": "another"},
        charter_body() | {"quorum": "1"},
        charter_body() | {"quorum": "3"},
        charter_body() | {"parties": charter_body()["parties"] * 2},
        charter_body() | {"sources": charter_body()["sources"] * 2},
        charter_body() | {"parties": charter_body()["parties"][2:]},
    ],
)
def test_a_charter_that_is_none_is_refused(body):
    event = sources()["desk"].event("rule.change/1", START, START, approved(body))
    with pytest.raises(AuthorityError):
        Rules(ORIGIN).admit(0, parse(event))


@pytest.mark.parametrize("by", [(), ("plant",), ("grid", "plant"), ("plant", "plant")])
def test_a_charter_needs_every_administrator(by):
    event = sources()["desk"].event("rule.change/1", START, START, approved(charter_body(), by))
    with pytest.raises(AuthorityError, match="board"):
        Rules(ORIGIN).admit(0, parse(event))


def test_the_first_entry_is_the_charter_and_no_other():
    of, rules = begun()
    with pytest.raises(AuthorityError, match="charter"):
        Rules(ORIGIN).admit(0, parse(reading(of["meter"], 0)))
    refuse(rules, change(of, charter_body()))


def test_strangers_wrong_types_and_false_signatures_are_refused():
    of, rules = begun()
    refuse(rules, parse(reading(Source("stranger", key("x"), ORIGIN), 0)))
    refuse(
        rules,
        parse(of["meter"].event("chain.header/1", 1, 1, {"height": "1", "header": "0" * 160})),
    )
    refuse(rules, parse(reading(Source("meter", key("x"), ORIGIN), 0)))
    refuse(rules, parse(reading(Source("meter", key("meter"), "another.example.org"), 0)))


def test_an_order_needs_the_role_and_the_signature_of_who_gives_it():
    of, rules = begun()
    assert "operate" in refuse(rules, order(of["control"], ordered_by="board")).expected
    assert "operate" in refuse(rules, order(of["control"], ordered_by="nobody")).expected
    new = {"id": "grid", "name": "Grid", "roles": ["operate"], "key": vkey("party grid", "grid")}
    rules.admit(1, change(of, {"kind": "party", "party": new}))
    assert "order_sig" in refuse(rules, order(of["control"], ordered_by="grid")).expected
    text = signed_message("order", ORIGIN, ORDER | {"ordered_by": "grid"})
    signed = signature(key("party grid").sign(text))
    rules.admit(2, order(of["control"], ordered_by="grid", order_sig=signed))
    refuse(rules, order(of["control"], ordered_by="grid", order_sig=signed, power="9"))


def party(name, *roles, holding=None):
    held = vkey(holding or f"party {name}", name)
    return {"kind": "party", "party": {"id": name, "name": name, "roles": [*roles], "key": held}}


def test_a_new_version_keeps_the_key_in_force():
    """Two administrators could else put keys of their own in the place of others' keys."""
    of, rules = begun()
    assert "the key in force" in refuse(rules, change(of, party("grid", holding="x"))).expected
    source = {"id": "meter", "owner": "plant", "schemas": ["meter.reading/1"]}
    told = {"kind": "source", "source": source | {"key": vkey("x", "meter")}}
    assert "the key in force" in refuse(rules, change(of, told)).expected
    told = {"kind": "source", "source": source | {"key": vkey("meter", "meter")}}
    rules.admit(1, change(of, told))
    rules.admit(2, change(of, party("grid", "observe")))


def test_an_approval_counts_once():
    """Approvals are public: whoever may write changes could else bring back what was undone."""
    of, rules = begun()
    promoted = change(of, party("grid", "operate", "admin"))
    rules.admit(1, promoted)
    rules.admit(2, change(of, party("grid", "observe")))
    again = parse(of["desk"].event("rule.change/1", START, START, promoted.body))
    assert "not made before" in refuse(rules, again).expected
    told = party("grid", "operate", "admin") | {"reason": "a second time"}
    rules.admit(3, change(of, told))


def test_an_order_that_another_party_signed_counts_once():
    of, rules = begun()
    rules.admit(1, change(of, party("grid", "operate")))

    def ordered(power):
        told = ORDER | {"ordered_by": "grid", "power": power}
        signed = signature(key("party grid").sign(signed_message("order", ORIGIN, told)))
        return order(of["control"], **told, order_sig=signed)

    rules.admit(2, ordered("9"))
    rules.admit(3, ordered("0"))
    assert "not made before" in refuse(rules, ordered("9")).expected


def test_two_parties_have_two_keys():
    of, rules = begun()
    told = party("third", "admin", holding="party board")
    assert "third alone" in refuse(rules, change(of, told)).expected
    first, second = (verifier_key(key(f"party {name}"), "plant") for name in ("plant", "board"))
    signers = (key("party plant"), key("party board"))
    body = key_change("party:plant", first, second, signers, ORIGIN)
    assert "plant alone" in refuse(rules, change(of, body)).expected
    rows = charter_body()["parties"]
    rows[1]["key"] = vkey("party plant", "board")
    body = charter_body() | {"parties": rows}
    given = [approval(body, name, key("party plant"), ORIGIN) for name in ("plant", "board")]
    event = of["desk"].event("rule.change/1", START, START, body | {"approvals": given})
    with pytest.raises(AuthorityError, match="board alone"):
        Rules(ORIGIN).admit(0, parse(event))


def test_one_administrator_alone_decides_until_there_is_a_second():
    rows = [one for one in charter_body()["parties"] if one["id"] != "board"]
    body = approved(charter_body() | {"parties": rows, "quorum": "1"}, ["plant"])
    of, rules = sources(), Rules(ORIGIN)
    rules.admit(0, parse(of["desk"].event("rule.change/1", START, START, body)))

    def by(names, body):
        return parse(of["desk"].event("rule.change/1", START, START, approved(body, names)))

    rules.admit(1, by(["plant"], party("grid", "admin")))
    assert "2 administrators" in refuse(rules, by(["plant"], party("third"))).expected
    rules.admit(2, by(["plant", "grid"], party("third")))


def test_keys_are_named_after_who_holds_them():
    of, rules = begun()
    first, other = verifier_key(key("log"), ORIGIN), verifier_key(key("second"), "elsewhere")
    body = key_change("log:", first, other, (key("log"), key("second")), ORIGIN)
    assert ORIGIN in refuse(rules, change(of, body)).expected
    body = approved(charter_body() | {"log_key": vkey("log", "elsewhere")})
    with pytest.raises(AuthorityError, match=ORIGIN):
        Rules(ORIGIN).admit(0, parse(of["desk"].event("rule.change/1", START, START, body)))
    for holder in ("party:plant", "source:meter", "log:"):
        lost = {"kind": "revocation", "holder": holder, "key": vkey("x", "another"), "reason": "r"}
        assert holder in refuse(rules, change(of, lost)).expected


def test_as_many_administrators_stay_as_a_change_needs():
    of, rules = begun()
    assert "2 administrators" in refuse(rules, change(of, party("board", "inspect"))).expected
    rules.admit(1, change(of, party("third", "admin")))
    rules.admit(2, change(of, party("board", "inspect")))


def test_a_settlement_and_an_access_need_their_roles():
    of, rules = begun()
    body = {"by": "x", "place": "y", "outcome": "refused", "asked": "1"}
    rules.admit(1, parse(of["desk"].event("access/1", START, START, body)))
    rules.admit(2, change(of, party("third", "admin")))
    rules.admit(3, change(of, party("plant", "operate")))
    refuse(rules, parse(of["desk"].event("access/1", START, START, body)))
    blob = {"sha256": "0" * 64, "size": "1", "media": "text/plain"}
    settled = {
        "kind": "settlement",
        "inputs": {"size": "1", "root": "0" * 64},
        "period": {"t0": "1", "t1": "2"},
        "blob": blob,
    }
    refuse(rules, parse(of["desk"].event("statement/1", START, START, settled)))


@pytest.mark.parametrize("by", [(), ("plant",), ("plant", "grid"), ("plant", "plant")])
def test_a_change_needs_two_administrators(by):
    of, rules = begun()
    refuse(rules, change(of, {"kind": "policy", "policy": charter_body()["policy"]}, by))


def new_key(old="meter", new="meter 2", signers=None):
    first, second = verifier_key(key(old), "meter"), verifier_key(key(new), "meter")
    return key_change("source:meter", first, second, signers or (key(old), key(new)), ORIGIN)


def test_a_key_is_changed_by_both_keys_and_the_old_one_signs_no_more():
    of, rules = begun()
    rules.admit(1, change(of, new_key()))
    refuse(rules, parse(reading(of["meter"], 0)))
    rules.admit(2, parse(reading(Source("meter", key("meter 2"), ORIGIN), 0)))


@pytest.mark.parametrize(
    "body",
    [
        new_key(signers=(key("x"), key("meter 2"))),
        new_key(signers=(key("meter"), key("x"))),
        new_key(old="x"),
        new_key() | {"old": ""},
        new_key() | {"holder": "source:control"},
        new_key() | {"holder": "nobody"},
    ],
)
def test_a_key_is_not_changed_otherwise(body):
    of, rules = begun()
    refuse(rules, change(of, body))


def test_a_stolen_key_is_revoked_and_replaced_without_its_signature():
    of, rules = begun()
    stolen = {"kind": "revocation", "holder": "source:meter", "key": vkey("meter", "meter")}
    rules.admit(1, change(of, stolen))
    refuse(rules, parse(reading(of["meter"], 0)))
    told = {"holder": "source:meter", "old": "", "new": vkey("meter 2", "meter")}
    text = signed_message("key", ORIGIN, told)
    body = {"kind": "key", **told, "old_sig": "", "new_sig": signature(key("meter 2").sign(text))}
    rules.admit(2, change(of, body))
    rules.admit(3, parse(reading(Source("meter", key("meter 2"), ORIGIN), 0)))


def test_a_source_whose_key_was_revoked_writes_nothing_more_even_unsigned():
    of, rules = begun()
    stolen = {"kind": "revocation", "holder": "source:meter", "key": vkey("meter", "meter")}
    rules.admit(1, change(of, stolen))
    body = {"meter": "main", "register": "import", "energy": "1", "quality": "measured"}
    event = of["meter"].event("meter.reading/1", START, START, body, sign=False)
    assert "not revoked" in refuse(rules, parse(event)).expected


@pytest.mark.parametrize(
    ("holder", "revoked"),
    [
        ("source:meter", vkey("meter", "meter")[:-3]),
        ("source:meter", "meter"),
        ("nobody", vkey("meter", "meter")),
        ("source:nobody", vkey("meter", "meter")),
    ],
)
def test_a_revocation_that_would_revoke_nothing_is_refused(holder, revoked):
    of, rules = begun()
    with pytest.raises(RecordError):
        rules.admit(1, change(of, {"kind": "revocation", "holder": holder, "key": revoked}))
    assert not rules.revoked


def test_a_charter_that_is_refused_leaves_no_rules_behind():
    of = sources()
    body = charter_body()
    stranger = Source("stranger", key("desk"), ORIGIN)
    for source, by in ((of["desk"], ("plant",)), (stranger, ("plant", "board"))):
        rules = Rules(ORIGIN)
        event = source.event("rule.change/1", START, START, approved(body, by))
        with pytest.raises(AuthorityError):
            rules.admit(0, parse(event))
        assert vars(rules) == vars(Rules(ORIGIN))


def test_a_signature_in_another_form_of_base64_is_none():
    """The letter before the padding holds two bits; its other four would count for nothing."""
    of, rules = begun()
    body = new_key()
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    letter = last[last.index(body["old_sig"][-3]) + 1]
    refuse(rules, change(of, body | {"old_sig": body["old_sig"][:-3] + letter + "=="}))
