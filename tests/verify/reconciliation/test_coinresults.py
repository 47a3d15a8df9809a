"""T6 and T7 on small chains that are mined here, and the bad cases of payouts, shares and blocks.

Amounts are computed with exact fractions, blocks with hashlib alone.
"""

import struct
from fractions import Fraction
from hashlib import sha256
from types import SimpleNamespace

import pytest

from baseload.verify.blockchain import Blocks
from baseload.verify.coins import Coins
from baseload.verify.findings import Refused
from baseload.verify.headers import read_header
from baseload.verify.ledger import CoinLedger, Judge
from baseload.verify.payouts import coinbase_outputs, subsidy_at
from baseload.verify.reconciliation.coinresults import coin_results
from baseload.verify.reconciliation.collect import Collector
from baseload.verify.shares import Shares

HOUR, DAY = 3_600_000, 86_400_000
START = 20_000 * DAY
HEIGHT = 900_000
BITS, HARDER = 0x207FFFFF, 0x203FFFFF
SCALE = 40
WORK = 7_000
SUBSIDY, FEES = 312_500_000, 4_200_001
OWN, OTHER = "0014" + "11" * 20, "0014" + "22" * 20


def difficulty(bits):
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
    return ((0xFFFF << 208 + SCALE) * 10**8) // target


SITE = {
    "scale_bits": str(SCALE),
    "pools": [
        {"id": name, "method": method, "fee_ppm": "20000", "script": OWN, "tag": "00",
         "retained_difficulty": "1"}
        for name, method in (("f", "fpps"), ("t", "tides"), ("s", "solo"))
    ],
}  # fmt: skip


def double(data):
    return sha256(sha256(data).digest()).digest()


def mined(prev, root, seconds, bits=BITS):
    """A header whose hash is at most the target of nBits."""
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
    for nonce in range(1 << 20):
        data = struct.pack("<I32s32sIII", 4, prev, root, seconds, bits, nonce)
        if int.from_bytes(double(data), "little") <= target:
            return data
    raise AssertionError


def chain(count=30, prev=b"\x01" * 32, at=HEIGHT, bits=lambda height: BITS, name=b"main"):
    """Entries of blocks an hour apart, from an hour before the start."""
    found = []
    for n in range(count):
        seconds = START // 1000 + (at - HEIGHT + n - 1) * 3600
        data = mined(prev, double(name + bytes([n])), seconds, bits(at + n))
        prev = double(data)
        body = {"height": str(at + n), "header": data.hex()}
        found.append(entry("chain.header/1", seconds * 1000, seconds * 1000, body))
    return found


def entry(schema, t0, t1, body):
    return {"schema": schema, "source": "desk", "t0": str(t0), "t1": str(t1), "body": body}


def summaries(pool="f", hours=range(24), work=WORK):
    return [
        entry("shares.summary/1", START + n * HOUR, START + (n + 1) * HOUR,
              {"pool": pool, "account": "a", "work": str(work)})
        for n in hours
    ]  # fmt: skip


def fpps(first=0, last=24, bits=BITS, fees=FEES, **other):
    work = other.pop("work", WORK * (last - first))
    figure = difficulty(bits)
    amount = int(Fraction(work * (SUBSIDY + fees)) * Fraction(98, 100) / Fraction(figure, 10**8))
    body = {"pool": "f", "account": "a", "method": "fpps", "work": str(work), "fee_ppm": "20000",
            "network_difficulty_e8": str(figure), "subsidy": str(SUBSIDY), "fees": str(fees),
            "amount": str(amount), "script": OWN} | other  # fmt: skip
    return entry("pool.payout/1", START + first * HOUR, START + last * HOUR, body)


def tides(last=20, **other):
    work = WORK * last
    reward, window = int(other.get("block_reward", SUBSIDY + FEES)), 10_000_019
    amount = int(Fraction(reward * work, window) * Fraction(98, 100))
    body = {"pool": "t", "account": "a", "method": "tides", "work": str(work), "fee_ppm": "20000",
            "window_work": str(window), "block_reward": str(reward), "amount": str(amount),
            "script": OWN} | other  # fmt: skip
    return entry("pool.payout/1", START, START + last * HOUR, body)


def changed(payout, amount=0, **other):
    """The payout with so many satoshi more."""
    body = payout["body"] | {"amount": str(int(payout["body"]["amount"]) + amount)}
    return payout | {"body": body | other}


def coinbase(outputs, height=HEIGHT + 5):
    rows = b"".join(
        struct.pack("<Q", value) + bytes([len(bytes.fromhex(to))]) + bytes.fromhex(to)
        for value, to in outputs
    )
    return (
        struct.pack("<I", 1) + b"\x01" + bytes(32) + b"\xff" * 4 + b"\x04"
        + struct.pack("<I", height) + b"\xff" * 4 + bytes([len(outputs)]) + rows + bytes(4)
    )  # fmt: skip


def solo(blocks, place=5, outputs=((SUBSIDY, OWN), (FEES, OTHER)), after=10):
    """A block of the site at a place of a chain: blocks, its share, and its payout."""
    data = coinbase(outputs)
    branch = b"\x33" * 32
    root = double(double(data) + branch)
    before = double(bytes.fromhex(blocks[place - 1]["body"]["header"]))
    seconds = int(blocks[place]["t0"]) // 1000
    header = mined(before, root, seconds)
    own = entry("chain.header/1", seconds * 1000, seconds * 1000,
                {"height": str(HEIGHT + place), "header": header.hex()})  # fmt: skip
    rest = chain(after, double(header), HEIGHT + place + 1)
    share = {"pool": "s", "height": str(HEIGHT + place), "header": header.hex()}
    share |= {"coinbase": data.hex(), "path": [branch.hex()]}
    body = {"pool": "s", "account": "a", "method": "solo", "work": "0", "fee_ppm": "20000",
            "amount": str(SUBSIDY), "txid": double(data).hex(), "vout": "0",
            "script": OWN}  # fmt: skip
    time = seconds * 1000
    return (
        [*blocks[:place], own, *rest],
        entry("shares.retained/1", time, time, share),
        entry("pool.payout/1", time - HOUR, time, body),
    )


def fed(*entries):
    ledger = CoinLedger()
    for index, one in enumerate(entries):
        if one["schema"] == "shares.summary/1":
            ledger.summary(one)
        elif one["schema"] == "chain.header/1":
            ledger.block(one)
        elif one["schema"] == "shares.retained/1":
            body = one["body"]
            header = read_header(bytes.fromhex(body["header"]), int(body["height"]))
            ledger.share(body, header)
        else:
            ledger.payout(index, one)
    return ledger


def results(*entries, site=SITE):
    found = coin_results(fed(*entries), site, START, START + 30 * DAY)
    return {(one["test"], one["title"].split()[2]): one for one in found}


BLOCKS = chain()
HALF = [fpps(0, 12), fpps(12, 24)]


def test_what_the_pools_own_rule_gives_is_consistent():
    for payout, pool in ((fpps(), "f"), (tides(), "t")):
        found = results(*BLOCKS, *summaries(pool), payout)
        told = found["T6", pool]
        assert told["verdict"] == "consistent"
        assert (told["payments"], told["checked"], told["difference"]) == ("1", "1", "0")
        assert told["amount"] == told["checked_amount"] == payout["body"]["amount"]
        assert "word" in told["unchecked"][0]
        assert found["T7", pool]["verdict"] == "explain"
        assert found["T7", pool]["unchecked"] == [
            "whether 1 payments are in the chain, which only a node can tell",
            "1 that name no transaction",
        ]


LATER = [entry("shares.summary/1", START + 24 * HOUR, START + 96 * HOUR,
               {"pool": "f", "account": "a", "work": "5"})]  # fmt: skip
PARTS = [changed(fpps(), -1000, txid="aa" * 32, vout="0"),
         fpps(txid="bb" * 32, vout="1", amount="1000")]  # fmt: skip
REVISED = [fpps(), changed(fpps(fees=FEES + 9_000_000), -int(fpps()["body"]["amount"]))]
AMOUNTS = {
    "one satoshi less": ([changed(fpps(), -1)], "alarm", -1),
    "dust withheld": ([changed(HALF[0], -546), changed(HALF[1], 546)], "alarm", 0),
    "overpayment": ([changed(fpps(), 10)], "alarm", 10),
    "in two transactions": (PARTS, "consistent", 0),
    "one of two transactions is missing": (PARTS[:1], "alarm", -1000),
    "the base of fees revised, the rest paid": (REVISED, "consistent", 0),
    "paid twice": ([fpps(), fpps()], "alarm", int(fpps()["body"]["amount"])),
    "a part of the day paid twice": ([fpps(0, 24), fpps(12, 24)], "alarm", 0),
    "fewer shares than were accepted": ([fpps(work=WORK * 20)], "alarm", 0),
    "hours that nobody paid": ([fpps(0, 12), fpps(18, 24)], "alarm", None),
    "newer work that waits": ([*LATER, fpps()], "explain", 0),
    "another subsidy": ([fpps(subsidy=str(2 * SUBSIDY))], "alarm", None),
    "another fee": ([fpps(fee_ppm="30000")], "alarm", None),
    "no difficulty": ([changed(fpps())], "consistent", 0),
    "a difficulty of 0": ([fpps(network_difficulty_e8="0")], "alarm", 0),
    "amounts beyond 2^53": ([fpps(work=WORK * 24, amount=str(10**30))], "alarm", None),
}


@pytest.mark.parametrize("name", AMOUNTS)
def test_payouts_by_full_pay_per_share(name):
    payouts, verdict, difference = AMOUNTS[name]
    told = results(*BLOCKS, *summaries(), *payouts)["T6", "f"]
    assert told["verdict"] == verdict
    if difference is not None:
        assert int(told["difference"]) == difference
    if verdict == "alarm":
        assert told["causes"]
        assert told["next"]


def test_hours_that_nobody_paid_are_valued_as_the_others_were():
    told = results(*BLOCKS, *summaries(), fpps(0, 12), fpps(18, 24))["T6", "f"]
    paid = int(fpps(0, 12)["body"]["amount"]) + int(fpps(18, 24)["body"]["amount"])
    assert int(told["unpaid"]) == paid * 6 // 18
    assert told["difference"] == f"-{told['unpaid']}"


def test_a_day_with_two_difficulties_is_two_payouts():
    """A retarget within the day: each part at its own difficulty, both of the day's time."""
    blocks = chain(bits=lambda height: BITS if height < HEIGHT + 13 else HARDER)
    parts = [fpps(0, 24, work=WORK * 12), fpps(0, 24, HARDER, work=WORK * 12)]
    assert results(*blocks, *summaries(), *parts)["T6", "f"]["verdict"] == "consistent"
    one = [fpps(0, 24)]
    assert results(*blocks, *summaries(), *one)["T6", "f"]["verdict"] == "consistent"
    halves = [fpps(0, 12), fpps(12, 24, HARDER)]
    assert results(*blocks, *summaries(), *halves)["T6", "f"]["verdict"] == "consistent"
    before = chain(bits=lambda height: HARDER)
    assert results(*before, *summaries(), *one)["T6", "f"]["verdict"] == "alarm"


def test_a_difficulty_of_another_time_is_none_of_this_time():
    blocks = chain(80, bits=lambda height: BITS if height < HEIGHT + 40 else HARDER)
    assert results(*blocks, *summaries(), fpps())["T6", "f"]["verdict"] == "consistent"
    wrong = fpps(bits=HARDER)
    assert results(*blocks, *summaries(), wrong)["T6", "f"]["verdict"] == "alarm"


def test_a_halving_within_the_day():
    """Either subsidy may be paid on that day, and no other."""
    assert [subsidy_at(h) for h in (0, 209_999, 210_000, 839_999, 840_000)] == [
        5_000_000_000, 5_000_000_000, 2_500_000_000, 625_000_000, SUBSIDY,
    ]  # fmt: skip
    assert subsidy_at(100 * 210_000) == 0
    blocks = chain(at=1_050_000 - 10)
    for one, shift in zip(blocks, range(30), strict=True):
        one["t0"] = str(START + shift * HOUR)
    ledger = Blocks()
    for n in range(30):
        seconds = START // 1000 + n * 3600
        prev = ledger.main[1_050_000 - 11 + n].hash if n else bytes(32)
        ledger.add(read_header(mined(prev, bytes(32), seconds), 1_050_000 - 10 + n))
    assert ledger.subsidies(START, START + DAY) == {SUBSIDY, SUBSIDY // 2}
    assert ledger.subsidies(START, START + 3 * HOUR) == {SUBSIDY}
    assert ledger.subsidies(START + 20 * HOUR, START + 24 * HOUR) == {SUBSIDY // 2}


def test_what_the_record_does_not_show_is_not_taken_for_right():
    lost = [one for n, one in enumerate(summaries()) if n != 7]
    told = results(*BLOCKS, *lost, fpps())["T6", "f"]
    assert (told["verdict"], told["checked"], told["wrong"]) == ("explain", "0", "0")
    told = results(*summaries(), fpps())["T6", "f"]
    assert (told["verdict"], told["checked"]) == ("explain", "0")
    gone = fpps()
    del gone["body"]["fees"]
    told = results(*BLOCKS, *summaries(), gone)["T6", "f"]
    assert (told["verdict"], told["checked"]) == ("explain", "0")
    assert results(*BLOCKS, *summaries())["T6", "f"]["untested"].startswith("work was accepted")
    told = results(*BLOCKS, *summaries(), fpps(), site=SITE | {"pools": []})["T6", "f"]
    assert told["verdict"] == "explain"


def test_summaries_that_come_late_are_in_their_order_all_the_same():
    late = summaries()
    late.insert(20, late.pop(3))
    assert results(*BLOCKS, *late, *HALF)["T6", "f"]["verdict"] == "consistent"


WINDOWS = {
    "as it should be": ([tides()], "consistent"),
    "two blocks that pay the same": ([tides(), tides()], "consistent"),
    "in two transactions": ([changed(tides(), -700), tides(amount="700")], "consistent"),
    "one satoshi less": ([changed(tides(), -1)], "alarm"),
    "less than the subsidy is shared": ([tides(block_reward=str(SUBSIDY - 1))], "alarm"),
    "no window": ([tides(window_work="0")], "explain"),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_payouts_of_a_window_of_shares(name):
    payouts, verdict = WINDOWS[name]
    assert results(*BLOCKS, *summaries("t"), *payouts)["T6", "t"]["verdict"] == verdict


def test_a_block_found_alone_pays_what_its_coinbase_says():
    blocks, share, payout = solo(BLOCKS)
    found = results(*blocks, share, payout)
    assert found["T6", "s"]["verdict"] == found["T7", "s"]["verdict"] == "consistent"
    assert found["T6", "s"]["checked"] == found["T7", "s"]["checked"] == "1"
    assert found["T7", "the"]["found"] == found["T7", "the"]["solved"] == "1"


SOLO = {
    "less than the coinbase": (lambda b, s, p: (*b, s, changed(p, -1)), "alarm", "consistent"),
    "no such coinbase": (lambda b, s, p: (*b, s, changed(p, txid="cc" * 32)), "explain", "explain"),
    "to another script": (lambda b, s, p: (*b, s, changed(p, script=OTHER)), "alarm", "alarm"),
    "shown twice": (lambda b, s, p: (*b, s, p, p), "alarm", "alarm"),
    "not deep enough": (lambda b, s, p: (*b[:8], s, p), "consistent", "explain"),
    "no block is logged": (lambda b, s, p: (s, p), "explain", "explain"),
    "another block took its place": (lambda b, s, p: (*BLOCKS, s, p), "alarm", "alarm"),
    "a coinbase that the header does not hold": (
        lambda b, s, p: (*b, s | {"body": s["body"] | {"path": ["44" * 32]}}, p),
        "explain",
        "explain",
    ),
}


@pytest.mark.parametrize("name", SOLO)
def test_blocks_found_alone(name):
    build, amounts, places = SOLO[name]
    found = results(*build(*solo(BLOCKS)))
    assert (found["T6", "s"]["verdict"], found["T7", "s"]["verdict"]) == (amounts, places)


def test_a_payout_elsewhere_and_one_that_is_shown_twice():
    told = results(*BLOCKS, *summaries(), fpps(script=OTHER))["T7", "f"]
    assert (told["verdict"], told["wrong"]) == ("alarm", "1")
    assert told["difference"] == fpps()["body"]["amount"]
    named = {"txid": "aa" * 32, "vout": "3"}
    told = results(*BLOCKS, *summaries(), fpps(0, 12, **named), fpps(12, 24, **named))["T7", "f"]
    assert told["verdict"] == "alarm"


def test_an_orphaned_block_is_to_be_explained_and_is_no_forgery():
    _, share, _ = solo(BLOCKS)
    told = results(*BLOCKS, share)["T7", "the"]
    assert (told["verdict"], told["found"], told["solved"]) == ("explain", "0", "1")
    assert "orphaned" in told["unchecked"][0]
    assert findings(Shares, *BLOCKS, share) == []


def hash_of(block):
    return double(bytes.fromhex(block["body"]["header"]))


def branch_off(place, count):
    before = double(bytes.fromhex(BLOCKS[place - 1]["body"]["header"]))
    return chain(count, before, HEIGHT + place, name=b"rival")


@pytest.mark.parametrize(
    ("length", "codes"), [(2, []), (6, ["coins.header"]), (8, ["coins.header"])]
)
def test_a_chain_that_changed_its_mind(length, codes):
    """Blocks that lost are logged before those that won; six in a row are more than a race."""
    place = 10
    rivals = branch_off(place, length)
    logged = [*BLOCKS[:place], *rivals, *BLOCKS[place:]]
    assert [one.code for one in findings(Coins, *logged)] == codes
    blocks = fed(*logged).blocks
    assert len(blocks.dropped()) == blocks.depth() == length
    assert blocks.main[HEIGHT + place].hash == hash_of(BLOCKS[place])


def test_a_block_of_nowhere_or_without_work_is_none_of_the_chain():
    header = bytes.fromhex(BLOCKS[10]["body"]["header"])
    stray = mined(b"\x09" * 32, header[36:68], START // 1000)
    for other in (stray, header[:72] + struct.pack("<II", 0x1D00FFFF, 0)):
        body = {"height": str(HEIGHT + 10), "header": other.hex()}
        logged = [*BLOCKS[:10], BLOCKS[10] | {"body": body}, *BLOCKS[11:]]
        found = findings(Coins, *logged)
        assert [one.code for one in found][:1] == ["coins.header"]
        assert found[0].index == 10


def test_a_share_on_a_block_that_lost_its_race_is_good_and_one_on_none_is_not():
    (rival,) = branch_off(10, 1)
    for before, codes in ((bytes.fromhex(rival["body"]["header"]), []), (b"", ["share.binding"])):
        data = coinbase([(SUBSIDY, OWN)])
        header = mined(double(before), double(data), START // 1000)
        body = {"pool": "x", "height": str(HEIGHT + 11), "header": header.hex()}
        share = entry("shares.retained/1", START, START, body | {"coinbase": data.hex(),
                                                                 "path": []})  # fmt: skip
        logged = [*BLOCKS[:10], rival, *BLOCKS[10:]]
        assert [one.code for one in findings(Shares, share, *logged)] == codes


def findings(kind, *entries):
    """What a follower finds, with the others that it needs before and after it."""
    audit = SimpleNamespace(rules=SimpleNamespace(site=SITE), counts={})
    blocks, ledger = Blocks(), fed(*entries)
    followers = [Shares(audit, blocks), Coins(audit, blocks, ledger)]
    for index, one in enumerate(entries):
        for follower in followers:
            if one["schema"] in follower.schemas:
                follower.add(index, one)
    return [one for f in followers for one in f.end(audit) if isinstance(f, kind)]


def test_findings_name_the_entry_and_what_differs():
    found = findings(Coins, *BLOCKS, *summaries(), changed(fpps(), -3))
    (one,) = [each for each in found if each.code == "coins.amount"]
    due = fpps()["body"]["amount"]
    assert (one.code, one.verdict, one.index, one.source) == ("coins.amount", "FAILED", 54, "desk")
    assert (one.expected, one.found) == (f"{due} sat", f"{int(due) - 3} sat")


@pytest.mark.parametrize("cut", [0, 1, 4, 5, 40, -1, -4, -5])
def test_a_coinbase_that_is_cut_is_none(cut):
    whole = coinbase([(5, OWN), (7, OTHER)])
    assert coinbase_outputs(whole) == [(5, bytes.fromhex(OWN)), (7, bytes.fromhex(OTHER))]
    with pytest.raises(Refused):
        coinbase_outputs(whole[:cut])
    with pytest.raises(Refused):
        coinbase_outputs(whole + b"\x00")


def test_payouts_are_judged_the_same_in_any_order_of_the_log():
    payouts = [fpps(12, 24), changed(fpps(0, 6), -5), fpps(6, 12)]
    for order in (payouts, payouts[::-1]):
        ledger = fed(*BLOCKS, *summaries(), *order)
        judged = [*Judge(ledger, SITE).judged(ledger.postings)]
        assert [one.paid - one.due for one in judged] == [-5, 0, 0]


def test_of_two_newest_blocks_the_one_that_was_told_last_counts():
    (rival,) = branch_off(29, 1)
    for last, first in ((rival, BLOCKS[29]), (BLOCKS[29], rival)):
        blocks = fed(*BLOCKS[:29], first, last).blocks
        assert blocks.main[HEIGHT + 29].hash == hash_of(last)


def test_the_next_block_may_have_the_halved_subsidy_already():
    blocks = Blocks()
    blocks.add(read_header(mined(bytes(32), bytes(32), START // 1000), 1_049_999))
    assert blocks.subsidies(START, START + HOUR) == {SUBSIDY, SUBSIDY // 2}


def test_a_share_at_an_easier_target_than_the_chain_has_is_not_of_the_chain():
    data = coinbase([(SUBSIDY, OWN)])
    before = double(bytes.fromhex(BLOCKS[9]["body"]["header"]))
    for bits, codes in ((BITS, []), (0x207FFFFE, ["share.binding"])):
        header = mined(before, double(data), START // 1000, bits)
        body = {"pool": "x", "height": str(HEIGHT + 10), "header": header.hex()}
        share = entry(
            "shares.retained/1", START, START, body | {"coinbase": data.hex(), "path": []}
        )
        assert [one.code for one in findings(Shares, *BLOCKS, share)] == codes


def test_a_rival_that_is_told_late_changes_nothing_where_the_chain_went_on():
    (rival,) = branch_off(10, 1)
    blocks = fed(*BLOCKS, rival).blocks
    assert blocks.main[HEIGHT + 10].hash == hash_of(BLOCKS[10])
    assert [one.hash for one in blocks.dropped()] == [hash_of(rival)]


@pytest.mark.parametrize(("newest", "verdict"), [(10, "explain"), (11, "consistent")])
def test_the_sixth_confirmation_is_the_one_that_counts(newest, verdict):
    """The block itself at height 5 is the first of them, that at height 10 the sixth."""
    blocks, share, payout = solo(BLOCKS)
    assert results(*blocks[:newest], share, payout)["T7", "s"]["verdict"] == verdict


@pytest.mark.parametrize(("paid", "verdict"), [(9, "consistent"), (0, "alarm"), (30, "alarm")])
def test_blocks_found_alone_are_counted_against_the_work(paid, verdict):
    """A day of work for ten blocks at the difficulty of the chain: nine are chance, none is not."""
    collector = Collector()
    site = SITE | {"interval_ms": str(HOUR), "meters": [], "false_alarm_ppm": "50000"}
    site |= {"loss": {"constant": "0", "per_terawatt": "0", "sigma_ppm": "0"}}
    site |= {"machines": {"millijoule_per_terahash": "1", "sigma_ppm": "1"}}
    collector.add(0, entry("rule.change/1", START, START, {"kind": "site", "site": site}))
    body = {"pool": "s", "account": "a", "accepted": "1", "rejected": "0", "stale": "0"}
    body |= {"work": str(10 * difficulty(BITS) // 10**8), "work_squared": "1"}
    collector.add(1, entry("shares.summary/1", START, START + DAY, body))
    for one in BLOCKS:
        collector.add(2, one)
    for number in range(paid):
        body = {"pool": "s", "account": "a", "method": "solo", "work": "0", "fee_ppm": "20000"}
        body |= {"amount": "1", "txid": f"{number:064x}"}
        collector.add(3, entry("pool.payout/1", START, START + HOUR, body))
    (told,) = (one for one in collector.results() if one["title"] == "blocks that s has paid")
    assert (told["found"], told["verdict"]) == (str(paid), verdict)
    assert int(told["expected_e6"]) == pytest.approx(10e6, rel=1e-3)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, ["no txid"]),
        ({"txid": "ab" * 32}, []),
        ({"pool": "ghost", "txid": "ab" * 32}, ["ghost"]),
    ],
)
def test_coins_that_nobody_can_find_are_told(more, told):
    """Without script and transaction, or of a pool that was not agreed on, they may be anywhere."""
    payout = fpps(**more)
    found = findings(Coins, *BLOCKS, *summaries(), payout)
    lost = [one for one in found if (one.code, one.verdict) == ("coins.address", "INCOMPLETE")]
    assert [one.found for one in lost] == told
