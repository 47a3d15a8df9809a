"""What a future draws for every alternative: prices, the network, outages, heat.

Random numbers are keyed by seed, future and driver, so that a future is the same whoever draws
it and whatever was drawn before. What only some alternatives need is drawn when first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.competitors import Competitors, initial_state
from baseload.bitcoin.conditions import inlet_derate
from baseload.bitcoin.daystep import OTHERS, advance_day
from baseload.case.case import Case
from baseload.case.schema import Tree
from baseload.compiled import compiled
from baseload.plan.earnings import grown, network_hashprice, subsidies
from baseload.plan.ensemble.arrays import ANSWERS, GIVEN, PATH
from baseload.plan.ensemble.parameters import Parameters, Row
from baseload.plan.futures import bitcoin_price, fees, outages, power_price, weather
from baseload.plan.futures.random import driver_key, fill_normals

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

DAYS_PER_YEAR = 365.25


class Key(NamedTuple):
    """By what the random numbers of a future are found."""

    seed: int
    scenario: int

    def of(self, driver: str) -> tuple[int, int, int]:
        """Return the key of one driver."""
        return self.seed, self.scenario, driver_key(driver)


@dataclass(frozen=True)
class Days:
    """The days of the horizon, and those before it from the day that prices hold for.

    Attributes
    ----------
    before : days from ``bitcoin.at`` to the start.
    count : local days of the horizon, D.
    of_step : local day of each step, shape (T,).
    """

    before: int
    count: int
    of_step: Integers

    @classmethod
    def of(cls, case: Case) -> Days:
        """Count the days of a case."""
        at, start = case.tree.bitcoin.at, case.clock.start
        before = 0 if at is None else max(0, (start - at).days)
        return cls(before, int(case.clock.day[-1]) + 1, case.clock.day)

    def mean(self, values: Floats) -> Floats:
        """Return the mean of each day of values by step."""
        starts = np.flatnonzero(np.diff(self.of_step, prepend=-1))
        sums = np.add.reduceat(values, starts)
        return np.asarray(sums / np.diff(np.append(starts, len(values))))


@dataclass(frozen=True)
class Coin:
    """What a hash earns in a future when only the others mine; arrays by day of the horizon.

    Attributes
    ----------
    mode : GIVEN, PATH or ANSWERS.
    price, fees, luck, hashprice, others : shapes (D,) [USD/BTC, -, -, USD/PH/day, TH/s].
    state, terms : of the network when the horizon begins; empty unless others answer.
    shock : daily shocks of the price, mean 0 and variance 1, shape (D,).
    """

    mode: int
    price: Floats
    fees: Floats
    luck: Floats
    hashprice: Floats
    others: Floats
    state: Floats
    terms: Floats
    shock: Floats

    @cached_property
    def days(self) -> Floats:
        """All that holds by day as one table; see `arrays.World.coin`."""
        return np.array([self.price, self.fees, self.luck, self.hashprice, self.others])


@compiled(error_model="numpy")
def follow_days(
    state: Floats, terms: Floats, price: Floats, fee: Floats, luck: Floats, hashprice: Floats,
    others: Floats,
) -> None:  # fmt: skip
    """Let the network run without own hashes; write hashprice and hashrate of each day."""
    for d in range(price.shape[0]):
        value = advance_day(state, terms, 0.0, price[d], fee[d], luck[d])
        hashprice[d] = value * price[d]
        others[d] = state[OTHERS]


class CoinDrawer:
    """Draws price, fees and network of a case."""

    def __init__(self, case: Case, parameters: Parameters, days: Days, *, rounded: bool) -> None:
        self._case, self._parameters, self._days = case, parameters, days
        self._rounded = rounded
        model = case.tree.futures.bitcoin_price
        self._returns = np.empty(0)
        self._log_mean = np.empty(0)
        if model.model == "bootstrap" and model.history is not None:
            history = np.asarray(case.values(model.history))
            self._returns = np.diff(np.log(days.mean(history)))
            self._log_mean = bitcoin_price.bootstrap_mean(
                self._returns, max(1.0, model.block / 24.0), days.before + days.count
            )

    def draw(self, row: Row, key: Key) -> Coin:
        """Draw one future."""
        tree, days = self._case.tree, self._days
        total = days.before + days.count
        price, shock = self._price(row, key, total)
        fee = self._fees(row, key, total)
        luck = np.zeros(total)
        if tree.futures.network.luck:
            fill_normals(*key.of("luck"), 0, luck)
        return self._network(row, price, fee, luck, shock)

    def _value(self, row: Row, *path: str) -> float:
        return float(row.values[self._parameters.place(*path)])

    def _daily(self, row: Row, name: str) -> Floats:
        """Return a number of the table bitcoin by day from 'at' on; held before the horizon."""
        place = self._parameters.place("bitcoin", name)
        days = self._days
        if row.series[place] < 0:
            return np.full(days.before + days.count, row.values[place])
        number = row.series[place]
        factor = self._parameters.series_factors(row)[number]
        daily = days.mean(factor * self._parameters.series[number])
        return np.concatenate([np.full(days.before, daily[0]), daily])

    def _years(self) -> Floats:
        """Time since 'at' at noon of each day [years]."""
        days = self._days
        at, start = self._case.tree.bitcoin.at, self._case.clock.start
        first = 0 if at is None else (start - at).days - days.before
        day = np.arange(days.before + days.count, dtype=np.float64)
        return np.asarray((day + first + 0.5) / DAYS_PER_YEAR)

    def _price(self, row: Row, key: Key, total: int) -> tuple[Floats, Floats]:
        growth = self._value(row, "bitcoin", "price_growth")
        base = grown(self._daily(row, "price"), growth, self._years())
        price, shock = np.empty(total), np.empty(total)
        model = self._case.tree.futures.bitcoin_price.model

        def value(name: str) -> float:
            return self._value(row, "futures", "bitcoin_price", name)

        arguments = (*key.of("bitcoin price"), base)
        if model == "jump diffusion":
            bitcoin_price.jump_diffusion(
                *arguments, value("volatility"), value("jump_rate"), value("jump_mean"),
                value("jump_deviation"), price, shock,
            )  # fmt: skip
        elif model == "stochastic volatility":
            bitcoin_price.stochastic_volatility(
                *arguments, value("volatility"), value("reversion"),
                value("volatility_of_volatility"), value("leverage"), price, shock,
            )  # fmt: skip
        elif model == "bootstrap":
            block = max(1.0, value("block") / 24.0)
            bitcoin_price.block_bootstrap(
                *arguments, self._returns, block, self._log_mean, price, shock
            )
        else:
            bitcoin_price.as_given(*arguments, price, shock)
        return price, shock

    def _fees(self, row: Row, key: Key, total: int) -> Floats:
        base = self._daily(row, "fee_share")
        if self._case.tree.futures.fees.model == "as given":
            return base
        out = np.empty(total)
        names = ("deviation", "reversion", "spike_rate", "spike_size", "spike_duration")
        deviation, reversion, rate, size, duration = (
            self._value(row, "futures", "fees", name) for name in names
        )
        fees.fat_tail(*key.of("fees"), base, deviation, reversion, rate, size, duration, out)
        return out

    def _network(self, row: Row, price: Floats, fee: Floats, luck: Floats, shock: Floats) -> Coin:
        tree, days = self._case.tree, self._days
        inside = slice(days.before, None)
        now = (price[inside], fee[inside], luck[inside])
        nothing = np.empty(0)
        if tree.bitcoin.hashprice is not None:
            given = self._daily(row, "hashprice")
            base = grown(
                self._daily(row, "price"),
                self._value(row, "bitcoin", "price_growth"),
                self._years(),
            )
            paid = (given * price / base)[inside]
            others = np.zeros(days.count)
            return Coin(GIVEN, *now, paid, others, nothing, nothing, shock[inside])
        if tree.futures.network.model == "competitors":
            return self._answering(row, price, fee, luck, shock)
        growth = self._value(row, "bitcoin", "network_growth")
        others = grown(self._daily(row, "network"), growth, self._years())[inside]
        assert tree.bitcoin.height is not None
        hours = self._case.clock.step * np.arange(len(days.of_step), dtype=np.float64)
        at = self._parameters.place("bitcoin", "at")
        since = hours - float(row.values[at])
        block_time = self._value(row, "bitcoin", "block_time")
        reward = days.mean(subsidies(tree.bitcoin.height, since, block_time)) * (1.0 + now[1])
        paid = network_hashprice(others, reward, now[0], block_time)
        return Coin(PATH, *now, paid, others, nothing, nothing, shock[inside])

    def _answering(self, row: Row, price: Floats, fee: Floats, luck: Floats, shock: Floats) -> Coin:
        tree, days = self._case.tree, self._days
        assert tree.bitcoin.height is not None
        assert tree.bitcoin.at is not None
        others = self.competitors(row, tree)
        since = (tree.bitcoin.at - Competitors.calibrated_on()).days / DAYS_PER_YEAR
        state = initial_state(
            others,
            network_ths=float(self._daily(row, "network")[0]),
            price=float(price[0]),
            fee_share=float(fee[0]),
            height=float(tree.bitcoin.height),
            years_since_calibration=since,
        )
        terms = others.pack()
        hashprice, hashrate = np.empty(len(price)), np.empty(len(price))
        split = days.before
        follow_days(
            state, terms, price[:split], fee[:split], luck[:split], hashprice[:split],
            hashrate[:split],
        )  # fmt: skip
        start = state.copy()
        follow_days(
            state, terms, price[split:], fee[split:], luck[split:], hashprice[split:],
            hashrate[split:],
        )  # fmt: skip
        return Coin(
            ANSWERS, price[split:], fee[split:], luck[split:], hashprice[split:],
            hashrate[split:], start, terms, shock[split:],
        )  # fmt: skip

    def competitors(self, row: Row, tree: Tree) -> Competitors:
        """All other miners: as calibrated, with what the case says in its place."""
        found = Competitors.calibrated()
        given: dict[str, Any] = {}
        names = ("power_price", "power_price_spread", "switching", "progress", "entry", "life")
        for name in names:
            value = self._value(row, "futures", "network", name)
            if not np.isnan(value):
                given[name] = value
        barrier = self._value(row, "futures", "network", "barrier")
        progress = given.get("progress", found.progress)
        if not np.isnan(barrier) and tree.bitcoin.at is not None:
            since = (tree.bitcoin.at - Competitors.calibrated_on()).days / DAYS_PER_YEAR
            given["barrier"] = barrier / (1.0 - progress) ** since
        return replace(
            found, **given, response=tree.bitcoin.network_response, rounded=self._rounded
        )


@dataclass
class Drawn:
    """Hourly draws of one future that only some alternatives need, each made once.

    ``climates`` is shared by futures whose climate is the same.
    """

    case: Case
    parameters: Parameters
    key: Key
    row: Row
    shock: Floats
    climates: dict[bytes, Floats]
    _rows: dict[object, Floats] = field(default_factory=dict)
    _spells: dict[str, Bytes] = field(default_factory=dict)
    _units: dict[object, Singles] = field(default_factory=dict)

    # --- power prices ---------------------------------------------------------------------

    def price(self, area: str, row: Row, factors: Floats) -> Floats:
        """Return the price of an area's market, shape (T,) [USD/MWh]."""
        name = self.price_name(area, row)
        if name not in self._rows:
            self.price_into(area, row, factors, np.empty(len(self.case.clock)))
        return self._rows[name]

    def price_name(self, area: str, row: Row) -> object:
        """Return what tells the prices of an area from other ones in the same future."""
        place = self.parameters.place("area", area, "market", "price")
        return "price", area, row.values[place].tobytes(), int(row.series[place])

    def price_into(self, area: str, row: Row, factors: Floats, out: Floats) -> None:
        """Write the price of an area's market, shape (T,), and keep `out` for later."""
        name = self.price_name(area, row)
        if name in self._rows:
            out[:] = self._rows[name]
            return
        place = self.parameters.place("area", area, "market", "price")
        number = row.series[place]
        if number >= 0:
            np.multiply(self.parameters.series[number], factors[number], out=out)
        else:
            out[:] = row.values[place]
        model = self.case.tree.futures.power_price.get(area)
        if model is not None and model.model != "as given":
            self._draw_price(area, model.model, out)
        self._rows[name] = out

    def _draw_price(self, area: str, model: str, out: Floats) -> None:
        """Draw prices around the mean that `out` holds, in its place."""
        step, mean = self.case.clock.step, self._mean_price(out)

        def value(name: str) -> float:
            place = self.parameters.place("futures", "power_price", area, name)
            return float(self.row.values[place])

        level = np.empty(-(-len(mean) // round(24.0 / step)) + 1)
        beside = np.zeros(len(level))
        beside[: min(len(level), len(self.shock))] = self.shock[: len(level)]
        power_price.slow_level(
            *self.key.of(f"power level {area}"), value("yearly_deviation"),
            value("yearly_reversion"), beside, value("with_bitcoin"), level,
        )  # fmt: skip
        floor, ceiling = (
            bound if np.isnan(number) else number
            for bound, number in ((-np.inf, value("floor")), (np.inf, value("ceiling")))
        )
        driver = self.key.of(f"power price {area}")
        if model == "bootstrap":
            power_price.bootstrap(*driver, step, mean, level, value("block"), floor, ceiling, out)
            return
        power_price.mean_reverting(
            *driver, step, mean, float(mean.mean()), level, value("deviation"),
            value("reversion"), self._shared(), value("with_areas"), value("spike_rate"),
            value("spike_size"), value("spike_duration"), floor, ceiling, out,
        )  # fmt: skip

    def _mean_price(self, mean: Floats) -> Floats:
        """Move the mean to work space, which is there for the next area too."""
        if "mean" not in self._rows:
            self._rows["mean"] = np.empty(len(mean))
        self._rows["mean"][:] = mean
        return self._rows["mean"]

    def _shared(self) -> Floats:
        """Return the shocks that all areas share; none where no area says that it does."""
        models = self.case.tree.futures.power_price.values()
        if not any(model.with_areas for model in models):
            return np.empty(0)
        if "shared" not in self._rows:
            self._rows["shared"] = np.empty(len(self.case.clock))
            fill_normals(*self.key.of("power of all areas"), 0, self._rows["shared"])
        return self._rows["shared"]

    # --- lines ----------------------------------------------------------------------------

    def link(self, link: str, row: Row) -> tuple[object, Floats]:
        """Return the share of each step that a link is in service, and a name for it."""
        place = self.parameters.place("link", link, "availability")
        level, series = float(row.values[place]), int(row.series[place])
        model = self.case.tree.futures.link.get(link)
        two_state = model is not None and model.model == "two state"
        name = ("link", link, level, series) if two_state or series >= 0 else ("flat", level)
        if name not in self._rows:
            if series >= 0:
                self._rows[name] = self.parameters.series[series]
            elif two_state:
                out = np.empty(len(self.case.clock))
                repair = self.row.values[self.parameters.place("futures", "link", link, "repair")]
                outages.fill_two_state(
                    *self.key.of(f"link {link}"), self.case.clock.step, 1.0 - level, repair, out
                )
                self._rows[name] = out
            else:
                self._rows[name] = np.full(len(self.case.clock), level)
        return name, self._rows[name]

    def spell(self, name: str, table: str) -> Bytes:
        """Return 1 in the steps of a spell: of a loss of all links, or of low water."""
        if name not in self._spells:
            places = self.parameters
            rate = float(self.row.values[places.place("futures", table, "rate")])
            length = float(self.row.values[places.place("futures", table, "duration")])
            up = np.ones(len(self.case.clock), np.float32)
            outages.fill_spells(*self.key.of(name), self.case.clock.step, rate, length, up)
            self._spells[name] = (up < 0.5).astype(np.uint8)
        return self._spells[name]

    # --- units ----------------------------------------------------------------------------

    def units(self, rates: Floats) -> Singles:
        """Return the share of each step that each unit is up, shape (U, T) [-].

        Parameters
        ----------
        rates : share of time out by chance, shape (U,) [-].
        """
        name = rates.tobytes()
        if name not in self._units:
            step, steps = self.case.clock.step, len(self.case.clock)
            places = self.parameters

            def value(number: str) -> float:
                return float(self.row.values[places.place("futures", "units", number)])

            up = np.empty((len(rates), steps), np.float32)
            trips = np.empty(steps, np.float32)
            for u, unit in enumerate(self.case.tree.plant.unit):
                outages.fill_two_state(
                    *self.key.of(f"unit {unit}"), step, rates[u], value("repair"), up[u]
                )
                if value("trip_rate") > 0.0:
                    outages.fill_trips(
                        *self.key.of(f"trip {unit}"), step, value("trip_rate"),
                        value("trip_delay"), trips,
                    )  # fmt: skip
                    up[u] *= trips
            self._units[name] = up
        return self._units[name]

    # --- heat -----------------------------------------------------------------------------

    def heat(self) -> Floats:
        """Return the share of their power that machines in the air can draw, shape (T,) [-]."""
        if "heat" not in self._rows:
            climate = self._climate()
            out = np.empty(len(climate))
            places = self.parameters
            deviation, reversion = (
                float(self.row.values[places.place("futures", "weather", name)])
                for name in ("deviation", "reversion")
            )
            step = self.case.clock.step
            weather.fill_temperature(
                *self.key.of("weather"), step, climate, deviation, reversion, out
            )
            self._rows["heat"] = np.asarray(inlet_derate(out))
        return self._rows["heat"]

    def _climate(self) -> Floats:
        names = ("mean", "yearly_swing", "daily_swing")
        places = [self.parameters.place("futures", "weather", name) for name in names]
        known = self.row.values[places].tobytes()
        if known not in self.climates:
            self.climates[known] = climate_of(self.case, *self.row.values[places])
        return self.climates[known]


def climate_of(case: Case, mean: float, yearly_swing: float, daily_swing: float) -> Floats:
    """Mean temperature of each step, shape (T,) [degC]; see `weather.climate`."""
    local = case.clock.local
    first = local.astype("datetime64[Y]")
    day_of_year = (local - first).astype("timedelta64[s]").astype(np.float64) / 86_400.0
    hour = case.clock.local_hour.astype(np.float64)
    return weather.climate(day_of_year, hour, mean, yearly_swing, daily_swing)
