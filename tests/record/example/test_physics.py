"""The true series of the example obey what the reconciliation assumes of an honest site."""

from __future__ import annotations

import numpy as np
import pytest

from baseload.record.example import drafts, metering, physics, scene
from baseload.record.example.streams import autoregressive, stream

DAYS = 60


@pytest.fixture(scope="module")
def world() -> physics.World:
    return physics.world(DAYS, 7)


def test_energy_is_neither_made_nor_lost(world):
    power = world.main * 4.0
    loss = 150e3 + 80.0 * power**2 / 1e12
    np.testing.assert_allclose(world.racks.sum(axis=0) + world.aux, world.main, rtol=1e-12)
    np.testing.assert_allclose(world.plant - world.main, loss / 4.0 * world.loss_factor, rtol=1e-9)


def test_the_mine_never_draws_more_than_planned_or_ordered(world):
    allowed = world.plan.copy()
    for order in world.orders:
        allowed[order.start : order.end] = np.minimum(allowed[order.start : order.end], order.power)
    assert np.all(world.main * 4.0 <= allowed * (1 + 1e-12))
    assert allowed.max() <= 100e6
    assert len(world.orders) > 10


def test_hashes_are_energy_over_efficiency_within_three_sigma_of_the_name_plate():
    for seed in range(20):
        world = physics.world(2, seed)
        joule_per_terahash = world.racks.sum() * 3600 / (world.hashes.sum() / 1e12)
        assert abs(joule_per_terahash / 17.5 - 1) < 3 * 0.005


def test_meters_err_within_their_certificates(world):
    measured = metering.measure(world)
    for meter in scene.METERS:
        true = metering.true_energy(world, meter)
        error = measured.energy[meter.id].sum() / true.sum() - 1
        assert abs(error) < 2.2e-6 * meter.systematic_ppm


def test_systematic_errors_have_the_spread_of_a_normal_cut_at_two_sigma():
    meter = scene.METERS[0]
    drawn = np.array([metering.systematic(seed, meter) for seed in range(2000)]) * 1e3
    # Standard deviation of a standard normal number between -2 and 2: 0.8796.
    assert abs(drawn.std() - 0.8796) < 4 * 0.8796 / np.sqrt(2 * 2000)
    assert np.abs(drawn).max() <= 2.0


def test_registers_count_whole_kilowatt_hours_and_lose_none():
    energy = np.array([400.0, 400.0, 400.0, 1900.0, 0.0])
    assert metering.counted(energy).tolist() == [0, 0, 1000, 2000, 0]


def test_shares_are_a_poisson_count_of_the_hashes(world):
    measured = metering.measure(world)
    for pool in scene.POOLS:
        # A share of difficulty d is found in d * 2**48 / 65535 hashes.
        chance = 65535 / 2**48 / scene.SHARE_DIFFICULTY
        mean = world.hashes.sum(axis=0) * pool.part * chance * (1 - 0.0013)
        z = (measured.accepted[pool.id] - mean) / np.sqrt(mean)
        assert abs(z.mean()) < 4 / np.sqrt(z.size)
        assert abs(z.var() - 1) < 4 * np.sqrt(2 / z.size)


def test_an_autoregressive_series_is_stationary():
    values = autoregressive(stream(1, "test"), 200_000, 0.9, 2.0)
    assert abs(values.std() - 2.0) < 0.1
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1] - 0.9) < 0.01


def test_another_stream_does_not_move_the_numbers_of_the_first():
    first = stream(1, "a").standard_normal(3).tolist()
    stream(1, "b").standard_normal(100)
    assert stream(1, "a").standard_normal(3).tolist() == first
    assert stream(2, "a").standard_normal(3).tolist() != first


def test_the_refuelling_outage_leaves_a_quarter():
    world = physics.world(280, 3)
    day = slice(physics.REFUELLING[0] * 96, physics.REFUELLING[1] * 96)
    before = slice((physics.REFUELLING[0] - 35) * 96, physics.REFUELLING[0] * 96)
    assert world.main[day].mean() < 0.45 * world.main[before].mean()


def test_a_day_without_telemetry_lies_beyond_a_short_example():
    assert drafts.SILENT[0] > 30


def test_balances_of_honest_sites_spread_as_the_error_model_says():
    # One sigma of the year's balance by the certificates; errors are cut at two sigma (0.88).
    balances = []
    for seed in range(60):
        world = physics.world(10, seed)
        said = {name: energy.sum() for name, energy in metering.measure(world).energy.items()}
        loss = physics.line_loss(world.main).sum()
        racks = [said[f"rack-{number}"] for number in (1, 2, 3, 4)]
        first = said["plant-1"] - said["main-1"] - loss
        second = said["main-1"] - sum(racks) - said["aux-1"]
        sigma_1 = np.hypot(np.hypot(said["plant-1"], said["main-1"]) * 1e-3, loss * 0.02)
        sigma_2 = np.sqrt(
            (said["main-1"] * 1e-3) ** 2
            + sum((energy * 2e-3) ** 2 for energy in racks)
            + (said["aux-1"] * 5e-3) ** 2
        )
        balances.append((first / sigma_1, second / sigma_2))
    spread = np.std(balances, axis=0)
    assert np.all(spread > 0.7)
    assert np.all(spread < 1.06)
    assert np.all(np.abs(np.mean(balances, axis=0)) < 4 * 0.88 / np.sqrt(60))
