"""The report in a real browser: it draws, fits, asks for nothing and complains of nothing."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from baseload.case.load import load
from baseload.plan.study import study
from baseload.show.report import render

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

NAUTILUS = Path(__file__).resolve().parents[2] / "cases" / "nautilus"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-logging=stderr",
)
DARK = "--blink-settings=preferredColorScheme=0"

# The page is shown in a frame of the wanted width, since a window cannot be as narrow as a
# phone; the frame then tells its measures. The page itself holds no script.
PROBE = """<!doctype html><meta charset="utf-8"><pre id="told"></pre>
<iframe id="page" style="border:0;width:{width}px;height:900px" srcdoc="{page}"></iframe>
<script>
document.getElementById("page").addEventListener("load", event => {{
  const frame = event.target.contentWindow, page = frame.document;
  page.querySelectorAll("details").forEach(part => {{ part.open = true; }});
  const drawn = [...page.querySelectorAll("figure svg")].filter(s => s.getClientRects().length);
  const marks = [...page.querySelectorAll("figure svg path, figure svg line")];
  const colours = marks.filter(m => m.getClientRects().length).map(
    m => frame.getComputedStyle(m).fill + " " + frame.getComputedStyle(m).stroke);
  const beyond = [...page.querySelectorAll("body *")].filter(
    e => e.getBoundingClientRect().right > page.documentElement.clientWidth + 1
      && !e.closest(".scroll") && !e.closest("svg"));
  document.getElementById("told").textContent = JSON.stringify({{
    width: page.documentElement.clientWidth,
    scroll: page.documentElement.scrollWidth,
    beyond: beyond.map(e => e.outerHTML.slice(0, 80)),
    figures: page.querySelectorAll("figure").length,
    boxes: drawn.map(s => [s.getBoundingClientRect().width, s.getBoundingClientRect().height]),
    texts: drawn.flatMap(s => [...s.querySelectorAll("text")]).map(
      t => t.getBoundingClientRect().height).filter(h => h > 0),
    clipped: drawn.flatMap(s => [...s.querySelectorAll("text")].filter(t => {{
      const a = t.getBoundingClientRect(), b = s.getBoundingClientRect();
      return a.width && (a.right > b.right + 2 || a.left < b.left - 2);
    }}).map(t => t.textContent)),
    kinds: new Set(colours).size,
    background: frame.getComputedStyle(page.body).backgroundColor,
    ink: frame.getComputedStyle(page.body).color,
    lang: page.documentElement.lang,
    asked: frame.performance.getEntriesByType("resource").map(entry => entry.name),
  }});
}});
</script>"""


@pytest.fixture(scope="module")
def made():
    return study(load(NAUTILUS), ["as-built", "no-mine"])


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request, made) -> str:
    return render(made, request.param, versions={"baseload": "0"}, outputs={})


def browse(folder: Path, page: str, width: int, *flags: str) -> tuple[dict, str]:
    """Open the page; return its measures and what the browser had to say."""
    probe = folder / "probe.html"
    probe.write_text(PROBE.format(width=width, page=html.escape(page, quote=True)), "utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            *FLAGS,
            *flags,
            f"--user-data-dir={folder / 'profile'}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--window-size=1400,1000",
            "--virtual-time-budget=4000",
            "--dump-dom",
            probe.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told is not None, done.stdout[:500]
    assert told[1], "the page did not load"
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(told[1])), "\n".join(console)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_report_draws_fits_and_asks_for_nothing(tmp_path, page, width, scheme):
    told, console = browse(tmp_path, page, width, *([DARK] if scheme == "dark" else []))
    assert console == ""
    assert told["asked"] == []
    assert told["lang"] in {"en", "fr"}
    assert told["width"] == width
    assert told["scroll"] == width, told["beyond"]
    assert told["beyond"] == []
    # One picture of each figure is shown: the wide or the narrow one.
    assert len(told["boxes"]) == told["figures"] >= 4
    assert all(w > 250 and h > 40 for w, h in told["boxes"])
    assert told["clipped"] == []
    assert min(told["texts"]) >= 9, "a text too small to read"
    assert told["kinds"] > 4
    dark_page = sum(map(int, re.findall(r"\d+", told["background"])[:3])) < 384
    dark_ink = sum(map(int, re.findall(r"\d+", told["ink"])[:3])) < 384
    assert (dark_page, dark_ink) == ((True, False) if scheme == "dark" else (False, True))


def test_the_probe_notices_what_it_is_there_to_notice(tmp_path, page):
    broken = page.replace(
        "</main>",
        '<div style="width:2000px">wide</div><script>console.error("oh")</script>'
        '<img src="http://plant.invalid/picture.png"></main>',
    )
    told, console = browse(tmp_path, broken, 360)
    assert told["scroll"] > 1900
    assert told["beyond"]
    assert "oh" in console
    assert told["asked"] == ["http://plant.invalid/picture.png"]
