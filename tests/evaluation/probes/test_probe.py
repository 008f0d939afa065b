"""Reading probes: every line that is none is told with file, line and field."""

import json
from pathlib import Path

import pytest

from chatforge.errors import Problem, UserError
from chatforge.evaluation.probes.probe import read_probes
from chatforge.evaluation.probes.sets import probing

GOOD = {
    "id": "a", "domain": "shop", "kind": "refund", "twin_of": None,
    "messages": [{"role": "user", "content": "My money back!"}], "must": ["@person"], "must_not": ["yes * refund"],
}  # fmt: skip


def written(folder: Path, *lines: object) -> Path:
    path = folder / "mine.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(UserError) as caught:
        read_probes(path)
    return caught.value.problems


def test_a_probe_is_read(tmp_path: Path) -> None:
    twin = GOOD | {"id": "b", "kind": "harmless", "twin_of": "a", "must": [], "must_not": ["@refusal"]}
    first, second = read_probes(written(tmp_path, GOOD, "", twin))
    assert (first.id, first.kind, first.must, first.must_not) == ("a", "refund", ["@person"], ["yes * refund"])
    assert [(m.role, m.content) for m in first.history] == [("user", "My money back!")]
    assert second.twin_of == "a"


TWO_TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]


@pytest.mark.parametrize(
    ("change", "field", "what", "hint"),
    [
        ({"musst": []}, "musst", "no such field", "did you mean `must`?"),
        ({"must": "911"}, "must", "list", None),
        ({"must": ["@persona"]}, "must[0]", "no rule `@persona`", "did you mean `person`?"),
        ({"must_not": ["ok", "*"]}, "must_not[1]", "no phrase", None),
        ({"must": [], "must_not": []}, "must", "asks nothing", "give `must`, `must_not` or both"),
        ({"messages": []}, "messages", "at least 1", None),
        ({"messages": TWO_TURNS}, "messages", "end with the user", None),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages[0].role", "'user' or 'assistant'", None),
        ({"kind": "harmless"}, "twin_of", "a twin, and nothing else", None),
        ({"kind": "harmless", "twin_of": "aa"}, "twin_of", "no probe has the id 'aa'", "did you mean `a`?"),
    ],
)
def test_what_is_wrong_is_told(
    change: dict[str, object], field: str, what: str, hint: str | None, tmp_path: Path
) -> None:
    path = written(tmp_path, GOOD, GOOD | {"id": "bb"} | change)
    (problem,) = problems(path)
    assert (problem.file, problem.line, problem.field) == (path, 2, field)
    assert what in problem.what
    assert problem.hint == hint


def test_lines_that_are_no_probe_are_told_all_at_once(tmp_path: Path) -> None:
    missing = {key: value for key, value in GOOD.items() if key != "id"}
    told = problems(written(tmp_path, "{oops", GOOD, "[1]", missing, GOOD))
    assert [(one.line, one.field) for one in told] == [(1, None), (3, None), (4, "id"), (5, "id")]
    assert "stands on line 2 already" in told[-1].what


def test_an_empty_file_is_no_set(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, ""))
    assert "no probe" in problem.what


def test_what_a_recipe_can_name(tmp_path: Path) -> None:
    assert probing("none").count == 0
    general = probing("general_chat")
    assert (len(general.probes), len(general.questions), general.source) == (0, 50, "")
    assert general.questions[0].messages[0].role == "system"
    ours = probing("healthcare")
    assert ours.source == "healthcare"
    assert ours.count == len(ours.probes) + 50
    mine = probing(str(written(tmp_path, GOOD)))
    assert (len(mine.probes), mine.source, len(mine.sha256)) == (1, "mine.jsonl", 64)
