"""The day step of the network: how long one day of one future takes."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from baseload.bitcoin.competitors import Competitors, advance_day, initial_state
from baseload.compiled import compiled

DAYS, FUTURES, REPEATS = 3_650, 100, 7
TARGET_S = 5e-7
"""What a day should take: ten years of 10,000 futures in 20 s."""


@compiled()
def _days(
    state: np.ndarray, terms: np.ndarray, price: np.ndarray, luck: np.ndarray, own: float
) -> float:
    total = 0.0
    for t in range(price.size):
        total += advance_day(state, terms, own, price[t], 0.01, luck[t])
    return total


def day_step(rounded: bool = True) -> dict[str, float]:
    """Measure the processor's time of one simulated day.

    Returns
    -------
    Seconds of one day, the best of several runs, and the same over the target.
    """
    others = replace(Competitors.calibrated(), rounded=rounded)
    start = initial_state(
        others, network_ths=1040e6, price=91_000.0, fee_share=0.0055, height=931_900
    )
    draw = np.random.default_rng(0)
    price = 91_000.0 * np.exp(np.cumsum(0.03 * draw.standard_normal(DAYS)))
    luck, terms = draw.standard_normal(DAYS), others.pack()
    _days(start.copy(), terms, price, luck, 5e7)
    taken = []
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(FUTURES):
            _days(start.copy(), terms, price, luck, 5e7)
        taken.append((time.process_time() - began) / FUTURES / DAYS)
    return {"day_s": min(taken), "over_target": min(taken) / TARGET_S}


if __name__ == "__main__":
    for rule in (True, False):
        found = day_step(rule)
        name = "exact rule" if rule else "smooth rule"
        print(f"{name}: {1e6 * found['day_s']:.3f} µs a day, {found['over_target']:.2f} of target")
