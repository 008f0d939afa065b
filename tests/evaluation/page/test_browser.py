"""The page in a real browser: it loads without a complaint, fits every width, and prints with all its parts."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest

from chatforge.evaluation.page import page

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
]

WIDTHS = (360, 800, 1200)

MEASURE = """
const frame = document.querySelector("iframe"), found = {};
const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
frame.onload = () => {
  const inside = frame.contentDocument, look = frame.contentWindow;
  for (const width of WIDTHS) {
    frame.style.width = width + "px";
    const drawings = [...inside.querySelectorAll("svg")].map((one) =>
      [...one.querySelectorAll("text")].map((text) => text.getBoundingClientRect()));
    found[width] = {
      wide: inside.documentElement.scrollWidth,
      out: drawings.flat().filter((text) => text.left < -1 || text.right > width + 1).length,
      over: drawings.flatMap((all) => all.flatMap((a, i) => all.slice(i + 1).filter((b) => over(a, b)))).length,
    };
  }
  found.styled = look.getComputedStyle(inside.querySelector("svg .band")).fill;
  document.querySelector("pre").textContent = JSON.stringify(found);
};
frame.srcdoc = SOURCE;
"""


def browse(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        f"--user-data-dir={path.parent / 'profile'}", "--enable-logging=stderr", *arguments, path.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


@pytest.fixture
def shown(whole_report) -> str:
    report = whole_report("A text of some length </script> \u202e & so on, " * 4)
    names = ("a-very-long-name-of-an-intent-that-does-not-end", "short")
    intents = tuple(one.model_copy(update={"intent": name}) for one, name in zip(report.intents, names, strict=True))
    return page(report.model_copy(update={"intents": intents}))


def test_it_loads_and_the_browser_has_nothing_to_complain_of(shown, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(shown, encoding="utf-8")
    done = browse(path, "--dump-dom")
    assert not complaints(done)
    assert done.stdout.count("<section") == shown.count("<section")


def test_a_style_that_is_not_ours_is_refused(shown, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(shown.replace("</style>", "p { color: red } </style>"), encoding="utf-8")
    assert complaints(browse(path, "--dump-dom"))


def test_it_fits_every_width_and_no_label_covers_another(shown, tmp_path):
    path = tmp_path / "measure.html"
    source = json.dumps(shown).replace("</", "<\\/")
    script = MEASURE.replace("SOURCE", source).replace("WIDTHS", json.dumps(WIDTHS))
    frame = '<iframe style="border: 0; height: 60000px"></iframe>'
    path.write_text(f"<meta charset=utf-8><pre></pre>{frame}<script>{script}</script>", encoding="utf-8")
    done = browse(path, "--dump-dom", "--window-size=1300,1000")
    found = json.loads(html.unescape(re.search("<pre>(.*?)</pre>", done.stdout)[1]))
    assert found.pop("styled") == "rgb(227, 232, 238)"
    assert found == {str(width): {"wide": width, "out": 0, "over": 0} for width in WIDTHS}


def test_it_prints_with_every_part(shown, tmp_path):
    path, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    path.write_text(shown, encoding="utf-8")
    browse(path, f"--print-to-pdf={printed}")
    said = " ".join(" ".join(one.extract_text() for one in pypdf.PdfReader(printed).pages).split())
    for title in re.findall("<h2>(.*?)</h2>", shown):
        assert html.unescape(title) in said
