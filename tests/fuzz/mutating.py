"""Valid input made wrong in a few places, by a seed."""

from tests.fuzz.corpus import PIECES


def mutated(chance, samples):
    """Return a sample with one to five changes."""
    data = bytearray(chance.choice(samples))
    for _ in range(chance.randint(1, 5)):
        data = bytearray(chance.choice(_CHANGES)(chance, data, samples))
    return bytes(data[:200_000])


def _span(chance, data):
    first = chance.randint(0, len(data))
    return first, min(len(data), first + chance.choice([0, 1, 1, 2, 4, 8, 32, 1000]))


def _bit(chance, data, samples):
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _byte(chance, data, samples):
    if data:
        data[chance.randrange(len(data))] = chance.choice(
            [0, 1, 0x7F, 0x80, 0xFF, 0x20, 0x0A, 0x22]
        )
    return data


def _cut(chance, data, samples):
    first, last = _span(chance, data)
    return data[:first] + data[last:]


def _put(chance, data, samples):
    first, last = _span(chance, data)
    return data[:first] + chance.choice(PIECES) + data[chance.choice([first, last]) :]


def _again(chance, data, samples):
    first, last = _span(chance, data)
    return data[:last] + data[first:last] * chance.choice([1, 2, 50]) + data[last:]


def _short(chance, data, samples):
    return data[: chance.randint(0, len(data))]


def _cross(chance, data, samples):
    other = chance.choice(samples)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _swap(chance, data, samples):
    one, two = sorted((_span(chance, data), _span(chance, data)))
    if one[1] > two[0]:
        return data
    middle = data[one[1] : two[0]]
    return data[: one[0]] + data[two[0] : two[1]] + middle + data[one[0] : one[1]] + data[two[1] :]


_CHANGES = (_bit, _byte, _cut, _put, _put, _again, _short, _cross, _swap)
