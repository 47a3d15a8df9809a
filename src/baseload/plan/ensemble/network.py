"""What a hash is paid from day to day, own hashes in the network, compiled."""

from __future__ import annotations

from baseload.bitcoin.daystep import OTHERS as OTHERS_OF_STATE
from baseload.bitcoin.daystep import advance_day
from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    ANSWERS,
    COSTS,
    DAY,
    EARNS,
    FEE,
    FEES,
    HASHED,
    HASHPRICE,
    LUCK,
    MORE_HASHED,
    OTHERS,
    OWN,
    PAID,
    PATH,
    PAY,
    PRICE,
    SINCE,
    STATE,
    THEIRS,
    WINDOW,
    WORTH,
    Floats,
    Integers,
)
from baseload.plan.ensemble.present import PER_EXA
from baseload.plan.ensemble.structure import KIND, MINE_FEES, MINING, OF

PERIOD_DAYS = 14
"""Days after which the difficulty has followed, where the network is given as a path."""


@compiled(inner=True, error_model="numpy")
def open_day(
    response: int, terms: Floats, coin: Floats, network: Floats, d: int, t: int, today: Floats
) -> None:
    """Write what a hash is paid on day `d`, which begins with step `t`.

    Parameters
    ----------
    response : GIVEN, PATH, ANSWERS; GIVEN too where own hashes do not count.
    terms, coin : see `arrays.World`.
    """
    today[DAY], today[SINCE], today[THEIRS] = d, t, coin[OTHERS, d]
    for i in range(network.shape[0]):
        own = network[i, OWN]
        if response == ANSWERS:
            price = coin[PRICE, d]
            value = advance_day(network[i, STATE:], terms, own, price, coin[FEES, d], coin[LUCK, d])
            network[i, PAY] = value * price
        else:
            network[i, PAY] = coin[HASHPRICE, d]
            if response == PATH:
                network[i, PAY] *= coin[OTHERS, d] / (coin[OTHERS, d] + own)
    if response == ANSWERS:
        today[THEIRS] = network[0, STATE + OTHERS_OF_STATE]


@compiled(inner=True, error_model="numpy")
def pay_mines(
    fee_share: float, hashprice: float, mines: Integers, table: Integers, mine: Floats, use: Floats
) -> None:
    """Write what the day makes of a megawatt-hour in each mine.

    Parameters
    ----------
    fee_share : fees as a share of the subsidy [-].
    hashprice : before the pool [USD/PH/day].
    mines, table : mines and uses of the structure.
    """
    for m in range(mine.shape[0]):
        mine[m, PAID] = 1.0 if mines[m, MINE_FEES] == 1 else 1.0 / (1.0 + fee_share)
    for n in range(use.shape[0]):
        if table[n, KIND] == MINING:
            m = table[n, OF]
            income = use[n, EARNS] * hashprice * mine[m, PAID] / PER_EXA
            use[n, WORTH] = income * (1.0 - mine[m, FEE]) - use[n, COSTS]


@compiled(inner=True, error_model="numpy")
def close_day(
    response: int, network: Floats, today: Floats, coin: float, hours: float, month: int,
    mine: Floats, money: Floats, coins: Floats, share: Floats, slope: Floats,
) -> None:  # fmt: skip
    """Book the day's hashes at the day's pay, and take them into the network.

    Parameters
    ----------
    coin : price of a bitcoin [USD/BTC].
    money, coins, share, slope : of `arrays.Sums`: mine, coins, network_share and slope_mine.
    """
    pay, total = network[0, PAY], 0.0
    for m in range(mine.shape[0]):
        gross = mine[m, HASHED] * pay * mine[m, PAID] / PER_EXA
        money[m, 0, month] += gross
        money[m, 1, month] -= gross * mine[m, FEE]
        coins[month] += gross * (1.0 - mine[m, FEE]) / coin
        total += mine[m, HASHED] / hours
    for j in range(network.shape[0] - 1):
        # One more megawatt of a mine hashes itself, and lowers what all are paid.
        for m in range(mine.shape[0]):
            gross = mine[m, HASHED] * (network[1 + j, PAY] - pay)
            if m == j:
                gross += mine[j, MORE_HASHED] * pay
            gross *= mine[m, PAID] / PER_EXA
            slope[j, m, 0, month] += gross
            slope[j, m, 1, month] -= gross * mine[m, FEE]
    others = today[THEIRS]
    whole = others + total if response >= PATH else max(others, total)
    # Where no network is given there is none to be a part of.
    share[month] += total / whole * hours if others > 0.0 else 0.0
    follow(response, (int(today[DAY]) + 1) % PERIOD_DAYS == 0, total, hours, mine, network)
    for m in range(mine.shape[0]):
        mine[m, HASHED], mine[m, MORE_HASHED] = 0.0, 0.0


@compiled(inner=True, error_model="numpy")
def follow(
    response: int, period: bool, total: float, hours: float, mine: Floats, network: Floats
) -> None:
    """Let own hashes reach the network of the days to come.

    Parameters
    ----------
    period : whether the difficulty follows after this day, where the network is a path.
    total : own hashes of the day [TH/s].
    """
    for i in range(network.shape[0]):
        hashes = total if i == 0 else total + mine[i - 1, MORE_HASHED] / hours
        if response != PATH:
            network[i, OWN] = hashes
            continue
        # The difficulty follows once a period; until then everyone is paid as before.
        network[i, WINDOW] += hashes
        if period:
            network[i, OWN], network[i, WINDOW] = network[i, WINDOW] / PERIOD_DAYS, 0.0
