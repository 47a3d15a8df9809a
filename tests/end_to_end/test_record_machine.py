"""A whole record against a plain list: appended to, interrupted, cosigned, rotated, corrected."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.record import naive
from tests.record.sample import (
    ORIGIN,
    START,
    STEP,
    WITNESSES,
    approved,
    charter,
    key,
    policy,
    private,
    sources,
)

from baseload.record import kit
from baseload.record.appending import Appender
from baseload.record.begin import KeyRing
from baseload.record.changing import new_key
from baseload.record.history import History
from baseload.record.note import cosign
from baseload.record.reader import Reader
from baseload.record.store import Log
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.kit import Kit


class Ring(KeyRing):
    """Keys in memory: a key file costs a tenth of a second each time it is read."""

    def __init__(self, names):
        super().__init__(Path("/none"), b"")
        self.names = names

    def has(self, holder):
        return holder in self.names

    def signer(self, holder):
        return key(self.names[holder])


class RecordMachine(RuleBasedStateMachine):
    """Every entry that was acknowledged is there, in its order; the inspector finds nothing."""

    @initialize()
    def begin(self):
        self.place = Path(tempfile.mkdtemp())
        self.names = {f"source-{name}": name for name in ("desk", "meter", "control")}
        self.log_name = "log"
        self.model = [("rule.change/1", None)]
        self.number, self.hour, self.rotated, self.published = 0, START, 0, 0
        first = charter(sources()["desk"])
        with Log.create(self.place / "log", ORIGIN, key("log")) as log:
            log.append([first])
        self._open()

    def _open(self):
        """Go on from what the folder holds, as after a crash."""
        signer = key(self.log_name)
        log = Log.open(self.place / "log", signer, new_key=True)
        history = History(ORIGIN).follow(Reader(self.place / "log", log.size).entries())
        self.appender = Appender(log, history, Ring(self.names), signer)

    def _append(self, *drafts):
        found = self.appender.append(drafts)
        assert found == range(len(self.model), len(self.model) + len(drafts))
        self.model += [(draft["schema"], draft["body"]) for draft in drafts]

    def _draft(self, schema, source, body, t0=None):
        self.hour += 1000
        t0 = self.hour if t0 is None else t0
        return {"schema": schema, "source": source, "t0": t0, "t1": self.hour, "body": body}

    @rule(count=st.integers(1, 40))
    def readings(self, count):
        drafts = []
        for _ in range(count):
            start = START + self.number * STEP
            self.hour = max(self.hour, start + STEP)
            body = {"meter": "main", "register": "import", "energy": "7", "quality": "measured"}
            drafts.append({"schema": "meter.reading/1", "source": "meter", "t0": start,
                           "t1": start + STEP, "body": body})  # fmt: skip
            self.number += 1
        self._append(*drafts)

    @rule(power=st.integers(0, 10**8))
    def order(self, power):
        body = {"ordered_by": "plant", "order": "o", "power": str(power), "reason": "limit"}
        self._append(self._draft("fleet.setpoint/1", "control",
                                 body | {"start": str(self.hour + 2000)}))  # fmt: skip

    @rule(data=st.data())
    @precondition(lambda self: self.number)
    def corrected(self, data):
        places = [n for n, (schema, _) in enumerate(self.model) if schema == "meter.reading/1"]
        index = data.draw(st.sampled_from(places))
        leaf = Reader(self.place / "log", self.appender.log.size).node(0, index)
        body = self.model[index][1] | {"energy": "8"}
        told = {"index": str(index), "of": leaf.hex(), "body": body, "reason": "read wrong"}
        self._append(self._draft("correction/1", "desk", told))

    @rule(source=st.sampled_from(["meter", "control", "desk"]))
    def rotate_source(self, source):
        self.rotated += 1
        old, new = self.names[f"source-{source}"], f"{source} {self.rotated}"
        draft = new_key(ORIGIN, f"source:{source}", key(old), key(new))
        if source == "desk":
            self.appender.vouch()  # what the old key has not signed yet
            self.model += [("source.head/1", {})] * (self.appender.log.size - len(self.model))
        self._append(self._draft("rule.change/1", "desk", approved(draft.body)))
        self.names[f"source-{source}"] = new

    @rule()
    def rotate_log(self):
        self.rotated += 1
        new = f"log {self.rotated}"
        draft = new_key(ORIGIN, "log:", key(self.log_name), key(new))
        self._append(self._draft("rule.change/1", "desk", approved(draft.body)))
        self.log_name = new
        self.interrupted()

    @rule()
    def publish(self):
        before = len(self.model)
        self.published = self.appender.publish().size
        self.model += [("source.head/1", {})] * (self.published - before)
        text = Reader(self.place / "log").checkpoint()[1].text
        time = self.hour // 1000
        lines = [cosign(text, name, private(name), time) for name in WITNESSES]
        self.appender.log.add_signatures(self.published, lines)

    @rule()
    def interrupted(self):
        self.appender.close()
        self._open()

    @invariant()
    def is_the_list(self):
        if not hasattr(self, "appender"):
            return
        from baseload.record.events import parse

        reader = Reader(self.place / "log", self.appender.log.size)
        found = [parse(data) for data in reader.entries()]
        assert [event.schema for event in found] == [schema for schema, _ in self.model]
        for event, (_, body) in zip(found[1:], self.model[1:], strict=True):
            assert event.body == body
        if self.published:
            entries = list(reader.entries())[: self.published]
            assert Reader(self.place / "log").checkpoint()[0].root == naive.root(entries)

    def teardown(self):
        if not hasattr(self, "appender"):
            return
        self.publish()
        self.appender.close()
        path = kit.write(self.place / "log", self.place / "kit", "", policy())
        audit = Audit(Kit(str(path)))
        audit.run()
        assert verdict_of(audit, 0.0)["findings"] == []
        shutil.rmtree(self.place)


TestRecord = RecordMachine.TestCase
TestRecord.settings = settings(max_examples=40, stateful_step_count=14, deadline=None)
