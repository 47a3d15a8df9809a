"""The page of a verdict, and its own check of a proof, run in a real browser."""

import base64
import html
import json
import re
import shutil
import subprocess

import pytest
from tests.record import naive
from tests.record.sample import ORIGIN, kit_of, private, vkey

from baseload.record import note
from baseload.record.checkpoint import Checkpoint
from baseload.record.errors import RecordError
from baseload.record.proof import parse_proof
from baseload.verify import page as pages
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.kit import Kit
from baseload.verify.main import main
from baseload.verify.proving import proof_from

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom",
)  # fmt: skip
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    place = tmp_path_factory.mktemp("kit")
    return kit_of(place / "log", place / "kit")


@pytest.fixture(scope="module")
def verdict(kit):
    audit = Audit(Kit(str(kit)))
    audit.run()
    return verdict_of(audit, 0.0)


def shown(path, tmp_path, fragment=""):
    """Return the page as the browser has it in the end, and what it complained of."""
    done = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"{path.as_uri()}{fragment}"],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def answer_of(dom):
    return html.unescape(re.search(r'<p id="answer"[^>]*>(.*?)</p>', dom, re.DOTALL)[1])


@in_browser
def test_the_page_of_the_inspector_checks_its_own_proof(kit, tmp_path, capsys):
    assert main([str(kit), "--html", str(tmp_path / "page.html")]) == 0
    dom, complaints = shown(tmp_path / "page.html", tmp_path, "#check")
    assert answer_of(dom) == f"✓ holds: entry 20 of 21 in {ORIGIN}, signed by the log"
    assert complaints == []


CHANGES = {
    "an entry that was changed": ("entry", "25000000", "25000001", "root"),
    "another index": ("proof", "index 5", "index 6", "root"),
    "an index beyond the log": ("proof", "index 5", "index 21", "below the size"),
    "no index": ("proof", "index 5\n", "", "index"),
    "another form": ("proof", "@v1", "@v2", "first line"),
    "another key": ("key", "log.example", "bog.example", "not an Ed25519 key"),
    "another size": ("proof", "\n21\n", "\n22\n", ""),
}


@in_browser
@pytest.mark.parametrize("name", CHANGES)
def test_a_proof_that_was_changed_does_not_hold(name, kit, verdict, tmp_path):
    field, old, new, reason = CHANGES[name]
    given = proof_from(Kit(str(kit)), 5) | {"key": vkey("log", ORIGIN)}
    assert old in given[field]
    given[field] = given[field].replace(old, new, 1)
    (tmp_path / "page.html").write_text(pages.page(verdict, given), encoding="utf-8")
    answer = answer_of(shown(tmp_path / "page.html", tmp_path, "#check")[0])
    assert answer.startswith("✗ does not hold: ")
    assert reason in answer


def small_proof(size, index, change=None):
    entries = [f"{n}" for n in range(size)]
    data = [entry.encode() for entry in entries]
    text = str(Checkpoint(ORIGIN, size, naive.root(data)))
    signed = note.Note(text, (note.sign(text, ORIGIN, private("log")),))
    path = naive.inclusion(index, data)
    if change == "longer":
        path = [*path, bytes(32)]
    elif change == "shorter":
        path = path[:-1]
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}"]
    lines += [base64.b64encode(one).decode() for one in path]
    return ["\n".join([*lines, "", str(signed)]), entries[index]]


@in_browser
def test_the_script_agrees_with_the_definition_on_all_small_trees(tmp_path):
    good = [small_proof(size, index) for size in range(1, 26) for index in range(size)]
    bad = [small_proof(n, n // 2, how) for n in range(2, 26) for how in ("longer", "shorter")]
    test = f"""<!doctype html><meta charset="utf-8"><pre id="told"></pre><script>{pages._SCRIPT}
    const key = {json.dumps(vkey("log", ORIGIN))}, good = {json.dumps(good)};
    const run_all = async rows => {{ const out = [];
      for (const [proof, entry] of rows)
        out.push((await checkProof(proof, enc.encode(entry), key)).good);
      return out; }};
    (async () => {{ const all = [await run_all(good), await run_all({json.dumps(bad)})];
      document.getElementById("told").textContent = JSON.stringify(all); }})();
    </script>"""
    (tmp_path / "test.html").write_text(test, encoding="utf-8")
    dom, complaints = shown(tmp_path / "test.html", tmp_path)
    told = json.loads(html.unescape(re.search(r'<pre id="told">(.*?)</pre>', dom)[1]))
    assert told == [[True] * len(good), [False] * len(bad)]
    assert complaints == []


@in_browser
def test_what_a_kit_says_is_never_run(verdict, tmp_path):
    evil = (
        "</script><script>document.title='run'</script><img src=x onerror=document.title='run'>\"'"
    )
    finding = {"code": evil, "verdict": "FAILED", "meaning": evil, "expected": evil,
               "found": evil, "source": evil, "file": evil, "index": 1}  # fmt: skip
    told = verdict | {"origin": evil, "findings": [finding], "counts": {evil: 1}}
    text = pages.page(told, {"proof": evil, "entry": evil, "key": evil})
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    dom, complaints = shown(tmp_path / "page.html", tmp_path, "#check")
    assert "<img" not in dom
    assert dom.count("<script>") == 1
    assert complaints == []
    assert answer_of(dom).startswith("✗ does not hold")


def test_the_page_allows_itself_nothing_from_outside(verdict):
    text = pages.page(verdict)
    assert "default-src 'none'" in text
    assert re.findall(r'(?:src|href)="', text) == []


def test_the_proof_of_the_inspector_is_read_by_the_other_implementation(kit):
    for index in range(21):
        found = proof_from(Kit(str(kit)), index)
        proof = parse_proof(found["proof"].encode())
        proof.check(found["entry"].encode(), [note.parse_key(vkey("log", ORIGIN))])
        with pytest.raises(RecordError):
            proof.check(b"another", [note.parse_key(vkey("log", ORIGIN))])
    assert proof_from(Kit(str(kit)), 21) is None
    assert proof_from(Kit(str(kit.parent)), 0) is None
