import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record import naive

from baseload.verify.hashing import (
    Mountain,
    check_consistency,
    check_inclusion,
    fold_peaks,
    hash_leaf,
    peaks_of,
    pyramid_of,
)

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "merkle.json"
ENTRIES = [bytes([n % 251]) * (n % 7) for n in range(600)]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]


def raw(text):
    return base64.b64decode(text or "")


@pytest.mark.skipif(not VECTORS.exists(), reason="public vectors are not beside the checkout")
def test_all_public_vectors_of_transparency_dev_hold():
    told = json.loads(VECTORS.read_text(encoding="utf-8"))
    wrong = []
    for one in told["inclusion"]:
        proof = [raw(each) for each in one["proof"] or []]
        holds = check_inclusion(
            one["leafIdx"], one["treeSize"], raw(one["leafHash"]), proof, raw(one["root"])
        )
        wrong += [one["name"]] if holds == one["wantErr"] else []
    for one in told["consistency"]:
        proof = [raw(each) for each in one["proof"] or []]
        holds = check_consistency(
            one["size1"], one["size2"], proof, raw(one["root1"]), raw(one["root2"])
        )
        wrong += [one["name"]] if holds == one["wantErr"] else []
    assert (len(told["inclusion"]), len(told["consistency"]), wrong) == (98, 98, [])


def test_roots_and_proofs_are_those_of_the_definition():
    for size in range(1, 40):
        root = naive.root(ENTRIES[:size])
        assert fold_peaks(peaks_of(pyramid_of(LEAVES[:size]), size)) == root
        for index in range(size):
            proof = naive.inclusion(index, ENTRIES[:size])
            assert check_inclusion(index, size, LEAVES[index], proof, root)
            assert not check_inclusion(index, size, LEAVES[index], [*proof, root], root)
        for old in range(1, size + 1):
            proof = naive.consistency(old, ENTRIES[:size])
            assert check_consistency(old, size, proof, naive.root(ENTRIES[:old]), root)
            assert not check_consistency(old, size, [*proof, root], naive.root(ENTRIES[:old]), root)


@given(st.integers(0, 600))
def test_a_mountain_of_tiles_has_the_root_of_the_tree(size):
    mountain = Mountain()
    for start in range(0, size - size % 256, 256):
        mountain.push(pyramid_of(LEAVES[start : start + 256])[8][0])
    rest = pyramid_of(LEAVES[size - size % 256 : size])
    assert mountain.root(rest, size % 256) == naive.root(ENTRIES[:size])
