"""Every kind of damage planted in one file of whole conversations: found, pointed at, mended or left out; no more."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.checks.doctor import examine
from chatforge.dialogues.checks.rewrite import rewrite
from chatforge.dialogues.reading import open_source, read_files
from chatforge.dialogues.tidy import MAX_MESSAGE_CHARACTERS


def talk(*said: Any, roles: str = "user assistant user assistant", **more: Any) -> dict[str, Any]:
    """A conversation; roles in turns."""
    rows = [{"role": role, "content": text} for role, text in zip(roles.split(), said, strict=False)]
    return {"messages": rows, **more}


MENDED: dict[str, tuple[Any, list[str]]] = {
    "assistant-first": (talk("Welcome!", "Open now?", "Yes.", roles="assistant user assistant"), ["Open now?", "Yes."]),
    "order": (talk("Hello", "Is it open?", "Yes.", roles="user user assistant"), ["Hello\nIs it open?", "Yes."]),
    "empty": (talk("Is it open today?", "Yes.", " ", "Sure."), ["Is it open today?", "Yes.\nSure."]),
    "null": (talk("Is it open on Monday?", "Yes.", "null", "Sure."), ["Is it open on Monday?", "Yes.\nSure."]),
    "escape": (talk("Is the \x1b[31mshop\x1b[0m open?", "Yes."), ["Is the shop open?", "Yes."]),
    "control": (talk("Is the door\x08 open?", "Yes."), ["Is the door open?", "Yes."]),
    "invisible": (talk("Is the bar op\u200ben?", "Yes."), ["Is the bar open?", "Yes."]),
    "mojibake": (talk("Is the cafÃ© open? LukÃ¡Å¡ asks.", "Yes."), ["Is the café open? Lukáš asks.", "Yes."]),
    "html": (talk("Is it <b>open</b> &amp; free?<br>Thanks", "Yes."), ["Is it open & free?\nThanks", "Yes."]),
}
"""What is planted, and what it becomes."""

LEFT_OUT: dict[str, Any] = {
    "broken": '{"messages": [{"role": "user", "content": "Is it',
    "broken ": '["not", "an", "object"]',
    "broken  ": '{"talk": []}',
    "broken   ": r'{"messages": [{"role": "user", "content": "\ud83d"}, {"role": "assistant", "content": "x"}]}',
    "role": talk("Is it open?", "Yes.", roles="user shopkeeper"),
    "no-assistant": talk("Is it open?", roles="user"),
    "too-long": talk("Is it open?", "x" * (MAX_MESSAGE_CHARACTERS + 1)),
    "duplicate": talk(
        "Good morning, could you please tell me where my parcel with the number 3 is?",
        "It left our warehouse yesterday, number 3, and should be with you soon.",
    ),
}
"""What cannot be mended."""

TOLD: dict[str, Any] = {
    "lost-character": talk("Is it \ufffdpen?", "Yes."),
    "template": talk("Is it open?", "Yes.<|im_end|>"),
    "placeholder": talk("Where is {{Order Number}}?", "On its way."),
    "user-last": talk("Is it open?", "Yes.", "Thanks", roles="user assistant user"),
    "length": talk("Is it open?", "We are open. " * 1000),
    "language": talk("Ist heute geöffnet, oder muss ich bis morgen früh auf Sie warten?", "Bis achtzehn Uhr."),
    "few": talk("What is this?", "A question.", meta={"intent": "rare"}),
}
"""What only a person can decide: told, and left as it is."""

RENAMED = {"id-twice": talk("An id that is taken?", "Yes.", id="w-5")}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int], list[str]]:
    """The file, the line where each damage stands, and all lines."""
    lines: list[str] = []
    places: dict[str, int] = {}
    whole = _whole()
    damaged = {name: item[0] for name, item in MENDED.items()} | LEFT_OUT | TOLD | RENAMED
    lines += [next(whole) for _ in range(8)]
    for name, value in damaged.items():
        line = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        lines.append(line.replace("Yes.", f"Yes, {name}."))  # else it were the same reply again and again
        places[name] = len(lines)
        lines += [next(whole), next(whole)]
    boilerplate = [json.dumps(talk(f"Question {i} of many, please?", "I cannot help with that.")) for i in range(8)]
    places["boilerplate"] = len(lines) + 2
    lines += boilerplate
    path = tmp_path_factory.mktemp("planted") / "talks.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, places, lines


def _whole() -> Iterator[str]:
    """Conversations that nothing is wrong with, a little odd in their JSON."""
    number = 0
    while True:
        asked = f"Good morning, could you please tell me where my parcel with the number {number} is?"
        said = f"It left our warehouse yesterday, number {number}, and should be with you soon."
        row = {"id": f"w-{number}", "note": "kept", **talk(asked, said, meta={"intent": "parcel"})}
        yield json.dumps(row, indent=None, separators=(", ", ":  "))
        number += 1


def test_every_damage_is_found_where_it_stands(planted: tuple[Path, dict[str, int], list[str]]) -> None:
    path, places, _ = planted
    found = examine([open_source(path)])
    assert len({name.strip() for name in places}) >= 20
    for name, line in places.items():
        at = [one.line for one in found.places.get(name.strip(), [])]
        assert line in at, f"{name} on line {line} was not found, only {at}"
    for check in found.found:  # and nothing else
        wanted = [line for name, line in places.items() if name.strip() == check.id]
        assert {one.line for one in found.places[check.id]} <= set(wanted), check.id
        assert found.counts[check.id] >= len(wanted)


def test_mending_changes_what_is_damaged_and_nothing_else(
    planted: tuple[Path, dict[str, int], list[str]], tmp_path: Path
) -> None:
    path, places, lines = planted
    before = path.read_bytes()
    to = tmp_path / "fixed.jsonl"
    done = rewrite(open_source(path), to)
    assert path.read_bytes() == before
    written = to.read_text(encoding="utf-8").splitlines()
    changed = {places[name] for name in (*MENDED, *RENAMED)}
    left_out = {places[name] for name in LEFT_OUT}
    kept = [i for i in range(1, len(lines) + 1) if i not in left_out]
    assert len(written) == len(kept)
    for number, line in zip(kept, written, strict=True):
        assert (line != lines[number - 1]) == (number in changed), f"line {number}"
    by_line = dict(zip(kept, written, strict=True))
    for name, (_, texts) in MENDED.items():
        wanted = [text.replace("Yes.", f"Yes, {name}.") for text in texts]
        assert [row["content"] for row in json.loads(by_line[places[name]])["messages"]] == wanted, name
    assert json.loads(by_line[places["id-twice"]])["id"] == f"w-5-line-{places['id-twice']}"
    assert (done.same, done.changed, done.left_out) == (len(kept) - len(changed), len(changed), len(left_out))
    assert done.log
    log = [json.loads(row) for row in done.log.read_text(encoding="utf-8").splitlines()]
    assert {row["line"] for row in log} == changed | left_out
    assert (to.stat().st_mode & 0o777, done.log.stat().st_mode & 0o777) == (0o600, 0o600)
    again = examine([open_source(to)])
    assert not again.has("error")
    assert {check.id for check in again.found} <= {*TOLD, "boilerplate"}
    assert len(read_files([to]).conversations) == len(kept)


def test_a_file_that_is_whole_stays_byte_for_byte(tmp_path: Path) -> None:
    whole = _whole()
    path, to = tmp_path / "talks.jsonl", tmp_path / "fixed.jsonl"
    path.write_text("".join(f"{next(whole)}\n" for _ in range(9)))
    done = rewrite(open_source(path), to)
    assert to.read_bytes() == path.read_bytes()
    assert done.log is None
    assert set(tmp_path.iterdir()) == {path, to}
