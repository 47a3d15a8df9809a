"""Who may write what: the inspector's rules against the writer's, step by step from one state."""

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.record.sample import ORIGIN, START, approved, charter, key, policy, sources, vkey

from baseload.record.changing import new_key, replaced_key, revoked
from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.rules import Rules, approval, signed_message
from baseload.verify.authority import RuleBook
from baseload.verify.canonicaltext import read_canonical

PARTIES = ("plant", "board", "grid")
NAMES = ("desk", "meter", "control")


def start():
    """Both implementations after the charter, and the sources."""
    of = sources()
    first = charter(of["desk"])
    ours, theirs = Rules(ORIGIN), RuleBook(ORIGIN)
    ours.admit(0, parse(first))
    assert list(theirs.admit(0, read_canonical(first), first)) == []
    return ours, theirs, of


def admitted_by_both(ours, theirs, index, data):
    """Give an entry to both; return whether each takes it, and their states after it."""
    ours, theirs = deepcopy(ours), deepcopy(theirs)
    try:
        ours.admit(index, parse(data))
        one = True
    except RecordError:
        one = False
    other = not list(theirs.admit(index, read_canonical(data), data))
    return one, other, ours, theirs


approvers = st.lists(st.sampled_from([*PARTIES, "stranger"]), max_size=3)
keys = st.sampled_from(["a", "b", "c"])


@st.composite
def changes(draw):
    """A change of the rules, right or wrong in one of many ways."""
    kind = draw(st.sampled_from(["party", "source", "key", "lost", "revocation", "policy"]))
    name, new = draw(st.sampled_from([*PARTIES, "new"])), draw(keys)
    holder = draw(st.sampled_from(["party:plant", "source:meter", "source:none", "log:",
                                   "witness:witness.one"]))  # fmt: skip
    if kind == "party":
        named = draw(st.sampled_from([name, "other"]))
        roles = draw(st.lists(st.sampled_from(["observe", "operate", "settle", "inspect", "admin"]),
                              max_size=3))  # fmt: skip
        party = {"id": name, "name": "N", "roles": roles, "key": vkey(new, named)}
        return {"kind": "party", "party": party}
    if kind == "source":
        source = {"id": draw(st.sampled_from([*NAMES, "more"])), "owner": name}
        source |= {"key": vkey(new, "meter"), "schemas": ["statement/1", "rule.change/1"]}
        return {"kind": "source", "source": source}
    if kind == "key":
        old = draw(st.sampled_from(["party plant", "meter", "log", "witness.one", "a", "b"]))
        return dict(new_key(ORIGIN, holder, key(old), key(new)).body)
    if kind == "lost":
        return dict(replaced_key(ORIGIN, holder, key(new)).body)
    if kind == "revocation":
        named = draw(
            st.sampled_from([("meter", "meter"), ("party plant", "plant"), (new, "meter")])
        )
        return dict(revoked(ORIGIN, holder, vkey(*named)).body)
    return {"kind": "policy", "policy": draw(st.sampled_from([policy(), "nonsense\n"]))}


@st.composite
def orders(draw):
    """An order by somebody, signed by somebody."""
    by = draw(st.sampled_from([*PARTIES, "stranger"]))
    body = {"ordered_by": by, "order": "o", "power": "5", "start": str(START), "reason": "limit"}
    signer = draw(st.sampled_from([None, "party plant", "party grid", "party board"]))
    if signer is not None:
        signature = key(signer).sign(signed_message("order", ORIGIN, body))
        import base64

        body["order_sig"] = base64.b64encode(signature).decode()
    return body


def approved_by(body, names):
    given = [approval(body, name, key(f"party {name}"), ORIGIN) for name in names]
    return body | {"approvals": given}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_both_take_and_refuse_the_same_entries(data):
    ours, theirs, of = start()
    for index in range(1, data.draw(st.integers(2, 7))):
        kind = data.draw(st.sampled_from(["change", "good change", "order", "reading", "payout"]))
        writer = data.draw(st.sampled_from(NAMES))
        source = of[writer].copy()
        if kind == "change":
            body = approved_by(data.draw(changes()), data.draw(approvers))
            entry = source.event("rule.change/1", START, START, body)
        elif kind == "good change":
            source = of["desk"].copy()
            entry = source.event("rule.change/1", START, START, approved(data.draw(changes())))
        elif kind == "order":
            entry = source.event("fleet.setpoint/1", START, START, data.draw(orders()))
        elif kind == "payout":
            body = {"pool": "p", "account": "a", "method": "solo", "work": "1", "fee_ppm": "0",
                    "amount": "5"}  # fmt: skip
            entry = source.event("pool.payout/1", START, START, body, sign=True)
        else:
            body = {"meter": "m", "register": "import", "energy": "5", "quality": "measured"}
            source.signer = key(data.draw(st.sampled_from([writer, "a", "stranger"])))
            entry = source.event("meter.reading/1", START, START, body, sign=True)
        one, other, after, book = admitted_by_both(ours, theirs, index, entry)
        assert one == other, (kind, read_canonical(entry))
        if one:
            ours, theirs, of[writer if kind != "good change" else "desk"] = after, book, source
        assert same_rules(ours, theirs)


def same_rules(ours, theirs):
    """Whether both hold the same rules to be in force."""
    from baseload.verify.notes import str_key

    return (
        {name: str(one) for name, one in ours.keys.items()}
        == {name: str_key(one) for name, one in theirs.party_keys.items()}
        and {n: (r.owner, str(r.key), r.schemas) for n, r in ours.sources.items()}
        == {n: (w.owner, str_key(w.key), w.schemas) for n, w in theirs.writers.items()}
        and str(ours.log_key) == str_key(theirs.log_keys[-1])
        and ours.revoked == theirs.revoked
        and (ours.policy, ours.quorum, ours.lateness)
        == (theirs.policy, theirs.quorum, theirs.lateness)
    )
