"""What a hash is paid from day to day, own hashes in the network, compiled."""

from __future__ import annotations

from baseload.bitcoin.daystep import OTHERS, advance_day
from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    ANSWERS,
    COSTS,
    DAY,
    EARNS,
    FEE,
    PATH,
    SINCE,
    THEIRS,
    WORTH,
    Floats,
    Integers,
    Network,
)
from baseload.plan.ensemble.present import PER_EXA
from baseload.plan.ensemble.structure import MINING

PERIOD_DAYS = 14
"""Days after which the difficulty has followed, where the network is given as a path."""


@compiled(inner=True, error_model="numpy")
def open_day(
    mode: int, terms: Floats, coin: Floats, fees: Floats, luck: Floats, hashprice: Floats,
    others: Floats, network: Network, d: int, t: int,
) -> None:  # fmt: skip
    """Write what a hash is paid on day `d`, which begins with step `t`.

    Parameters
    ----------
    mode : GIVEN, PATH, ANSWERS; GIVEN too where own hashes do not count.
    terms, coin, fees, luck, hashprice, others : see `arrays.World`.
    """
    today, own, pay = network.today, network.own, network.pay
    today[DAY], today[SINCE], today[THEIRS] = d, t, others[d]
    for i in range(pay.shape[0]):
        if mode == ANSWERS:
            value = advance_day(network.states[i], terms, own[i], coin[d], fees[d], luck[d])
            pay[i] = value * coin[d]
        else:
            pay[i] = hashprice[d]
            if mode == PATH:
                pay[i] *= others[d] / (others[d] + own[i])
    if mode == ANSWERS:
        today[THEIRS] = network.states[0, OTHERS]


@compiled(inner=True, error_model="numpy")
def pay_mines(
    fee_share: float, mine_fees: Integers, use_kind: Integers, use_of: Integers, mine: Floats,
    hashprice: float, paid: Floats, use: Floats,
) -> None:  # fmt: skip
    """Write what the day makes of a megawatt-hour in each mine.

    Parameters
    ----------
    fee_share : fees as a share of the subsidy [-].
    hashprice : before the pool [USD/PH/day].
    paid : part of it that each mine is paid, shape (M,); out [-].
    """
    for m in range(paid.shape[0]):
        paid[m] = 1.0 if mine_fees[m] == 1 else 1.0 / (1.0 + fee_share)
    for n in range(use_kind.shape[0]):
        if use_kind[n] == MINING:
            m = use_of[n]
            income = use[n, EARNS] * hashprice * paid[m] / PER_EXA
            use[n, WORTH] = income * (1.0 - mine[m, FEE]) - use[n, COSTS]


@compiled(inner=True, error_model="numpy")
def close_day(
    mode: int, network: Network, coin: float, hours: float, month: int, use_kind: Integers,
    use_of: Integers, tallied: Floats, mine: Floats, paid: Floats, hashes: Floats,
    slope_hashes: Floats, money: Floats, coins: Floats, share: Floats, slope_mine: Floats,
) -> None:  # fmt: skip
    """Book the day's hashes at the day's pay, and take them into the network.

    Parameters
    ----------
    coin : price of a bitcoin [USD/BTC].
    tallied : of `arrays.Tally.use`; the hashes in it are taken out.
    hashes, slope_hashes, money, coins, share, slope_mine : see `arrays.Tally` and `arrays.Sums`.
    """
    pay, mines = network.pay, mine.shape[0]
    for n in range(use_kind.shape[0]):
        if use_kind[n] == MINING:
            hashes[use_of[n]] += tallied[n, 1]
            tallied[n, 1] = 0.0
    total = 0.0
    for m in range(mines):
        gross = hashes[m] * pay[0] * paid[m] / PER_EXA
        money[m, 0, month] += gross
        money[m, 1, month] -= gross * mine[m, FEE]
        coins[month] += gross * (1.0 - mine[m, FEE]) / coin
        total += hashes[m] / hours
    for j in range(pay.shape[0] - 1):
        # One more megawatt of a mine hashes itself, and lowers what all are paid.
        for m in range(mines):
            gross = hashes[m] * (pay[1 + j] - pay[0])
            if m == j:
                gross += slope_hashes[j] * pay[0]
            gross *= paid[m] / PER_EXA
            slope_mine[j, m, 0, month] += gross
            slope_mine[j, m, 1, month] -= gross * mine[m, FEE]
    others = network.today[THEIRS]
    whole = others + total if mode >= PATH else max(others, total)
    share[month] += total / whole * hours if whole > 0.0 else 0.0
    follow(mode, network, total, slope_hashes, hours)
    hashes[:] = 0.0
    slope_hashes[:] = 0.0


@compiled(inner=True, error_model="numpy")
def follow(mode: int, network: Network, total: float, slope_hashes: Floats, hours: float) -> None:
    """Let own hashes reach the network of the days to come."""
    own, window = network.own, network.window
    for i in range(own.shape[0]):
        hashes = total if i == 0 else total + slope_hashes[i - 1] / hours
        if mode == PATH:
            # The difficulty follows once a period; until then everyone is paid as before.
            window[i] += hashes
        else:
            own[i] = hashes
    if mode == PATH and (int(network.today[DAY]) + 1) % PERIOD_DAYS == 0:
        own[:] = window / PERIOD_DAYS
        window[:] = 0.0
