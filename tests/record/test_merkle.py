import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record import naive

from baseload.record import merkle
from baseload.record.errors import ProofError

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "merkle.json"
ENTRIES = [bytes([n]) * n for n in range(70)]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]


def node_of(entries):
    return lambda level, number: naive.root(entries[number << level : (number + 1) << level])


def raw(text):
    return base64.b64decode(text or "")


@pytest.mark.skipif(not VECTORS.exists(), reason="public vectors are not beside the checkout")
def test_all_public_vectors_of_transparency_dev_hold():
    told = json.loads(VECTORS.read_text(encoding="utf-8"))
    wrong = []
    for one in told["inclusion"]:
        proof = [raw(each) for each in one["proof"] or []]
        given = one["leafIdx"], one["treeSize"], raw(one["leafHash"]), proof, raw(one["root"])
        wrong += [one["name"]] if refused(merkle.verify_inclusion, *given) != one["wantErr"] else []
    for one in told["consistency"]:
        proof = [raw(each) for each in one["proof"] or []]
        given = one["size1"], one["size2"], proof, raw(one["root1"]), raw(one["root2"])
        wrong += (
            [one["name"]] if refused(merkle.verify_consistency, *given) != one["wantErr"] else []
        )
    assert (len(told["inclusion"]), len(told["consistency"]), wrong) == (98, 98, [])


def refused(check, *given):
    try:
        check(*given)
    except ProofError:
        return True
    return False


def test_roots_are_those_of_the_definition():
    for size in range(len(ENTRIES)):
        assert merkle.root(LEAVES[:size]) == naive.root(ENTRIES[:size])


def test_every_inclusion_proof_of_small_trees_is_that_of_the_definition_and_holds():
    for size in range(1, 40):
        root = naive.root(ENTRIES[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, node_of(ENTRIES[:size]))
            assert proof == naive.inclusion(index, ENTRIES[:size])
            merkle.verify_inclusion(index, size, LEAVES[index], proof, root)


def test_every_consistency_proof_of_small_trees_is_that_of_the_definition_and_holds():
    for size in range(1, 36):
        root = naive.root(ENTRIES[:size])
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, size, node_of(ENTRIES[:size]))
            assert proof == naive.consistency(old, ENTRIES[:size])
            merkle.verify_consistency(old, size, proof, naive.root(ENTRIES[:old]), root)


@given(st.integers(1, 69), st.data())
def test_no_inclusion_proof_survives_a_change(size, data):
    index = data.draw(st.integers(0, size - 1))
    root, proof = naive.root(ENTRIES[:size]), naive.inclusion(index, ENTRIES[:size])
    kind = data.draw(st.sampled_from(["leaf", "index", "longer", "shorter", "bit", "root"]))
    leaf, at = LEAVES[index], index
    if kind == "leaf":
        leaf = merkle.leaf_hash(b"another")
    elif kind == "index":
        at = data.draw(st.integers(-1, size).filter(lambda n: n != index))
    elif kind == "longer":
        proof = [*proof, bytes(32)]
    elif kind == "root":
        root = bytes(32)
    elif not proof:
        return
    elif kind == "shorter":
        proof = proof[:-1]
    else:
        place = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        number = int.from_bytes(proof[place], "big") ^ 1 << bit
        proof = [*proof[:place], number.to_bytes(32, "big"), *proof[place + 1 :]]
    with pytest.raises(ProofError):
        merkle.verify_inclusion(at, size, leaf, proof, root)


def test_a_node_is_no_leaf():
    """Second preimage: the two children of a node are not an entry of the tree."""
    left, right = LEAVES[0], LEAVES[1]
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


def test_proofs_from_nothing_and_beyond_the_tree_are_refused():
    for old, size in ((0, 3), (4, 3), (-1, 3)):
        with pytest.raises(ProofError):
            merkle.verify_consistency(old, size, [], bytes(32), bytes(32))
        with pytest.raises(ProofError):
            merkle.consistency_proof(old, size, node_of(ENTRIES))
    with pytest.raises(ProofError):
        merkle.inclusion_proof(3, 3, node_of(ENTRIES))


def test_a_compact_range_must_fit_its_size():
    with pytest.raises(ValueError, match="subtrees"):
        merkle.CompactRange(3, [bytes(32)])


def test_subtrees_make_up_a_range():
    for size in range(1, 40):
        spans = [(n << level, (n + 1) << level) for level, n in merkle.subtrees(0, size)]
        assert [n for first, last in spans for n in range(first, last)] == list(range(size))
