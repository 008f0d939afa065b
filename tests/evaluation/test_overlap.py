"""What of the test is in train: no verdict above the share, and the headline with and without it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.leakage import Leakage, Overlap
from chatforge.evaluation.items import choose_items
from chatforge.evaluation.overlap import check_overlap, overlap_record
from chatforge.evaluation.replies import Replies
from chatforge.evaluation.rivals import ADAPTED, BASE, CONSTANT, NEAREST, REFERENCES, named
from chatforge.evaluation.scales import PRIMARY
from chatforge.evaluation.scoring import Scored
from chatforge.evaluation.wording import overlap_texts

TEST = [Conversation(f"c{i}", (Message("user", f"u{i}"), Message("assistant", f"a{i}"))) for i in range(40)]
ITEMS = choose_items(TEST, 7)
NOTHING = Replies((), (), (), ())


def leakage(*leaked: int, looked: Sequence[int] = ()) -> Leakage:
    overlaps = [Overlap("exact", i, i, "", "") for i in leaked] + [Overlap("look", i, i, "", "", 0.9) for i in looked]
    return Leakage(tuple(sorted(overlaps, key=lambda one: one.held_out)), len(TEST), 50, 50)


def scored(**right: Sequence[int]) -> dict[str, Scored]:
    """Rivals with the places at which they are right."""
    found = {}
    for name, places in right.items():
        values = [float(i in places) for i in range(len(TEST))]
        found[name] = Scored(named(name), NOTHING, {PRIMARY.key: values}, (), [item.conversation for item in ITEMS], ())
    return found


# The nearest neighbour is right on the six that it has seen, the base on eight others, the adapted model on all these.
PLANTED = scored(
    **{
        ADAPTED.name: range(20),
        NEAREST.name: range(9),
        BASE.name: range(12, 20),
        CONSTANT.name: (),
        REFERENCES.name: range(40),
    }
)


def test_headline_with_and_without_what_was_in_train() -> None:
    found = overlap_record(leakage(*range(6), looked=[30]), TEST, ITEMS, PLANTED, 0.05, 7)
    assert found
    assert (found.held_out, found.leaked, found.judged, found.clean) == (40, 6, 40, 34)
    assert found.shares == {"exact": 0.15, "begins": 0, "reordered": 0, "swapped": 0, "near": 0}
    assert (found.on_all.rival, found.on_all.difference.value) == (NEAREST.name, pytest.approx(11 / 40))
    assert found.on_clean
    assert (found.on_clean.rival, found.on_clean.difference.value) == (BASE.name, pytest.approx(6 / 34))
    assert found.on_clean.difference.low < 6 / 34 < found.on_clean.difference.high
    assert found.on_clean.difference.conversations == 34
    first, second = overlap_texts(found)
    assert first == "6 of 40 held-out conversations (15.0%) are in train too, the same or nearly: exact 15.0%."
    assert "points (nearest neighbour) on all, +18 [" in second
    assert second.endswith("points (base) on the 34 that are not.")


def test_only_judged_conversations_count_in_the_headline() -> None:
    found = overlap_record(
        leakage(0, 39), TEST, ITEMS[:20], {n: _first(one, 20) for n, one in PLANTED.items()}, 0.05, 7
    )
    assert found and (found.leaked, found.judged, found.clean) == (2, 20, 19)


def test_nothing_in_train_is_no_record_and_all_in_train_has_no_clean_side() -> None:
    assert overlap_record(leakage(looked=[1, 2]), TEST, ITEMS, PLANTED, 0.05, 7) is None
    found = overlap_record(leakage(*range(39)), TEST, ITEMS, PLANTED, 0.05, 7)
    assert found and found.on_clean is None
    assert overlap_texts(found)[1].endswith("on all, too few of the 40 judged are not.")


def test_the_share_decides() -> None:
    assert check_overlap(leakage(), 0.0).ok
    assert check_overlap(leakage(*range(4)), 0.1).ok
    failed = check_overlap(leakage(*range(5)), 0.1)
    assert not failed.ok
    assert failed.what == (
        "5 of 40 held-out conversations (12.5%) are in train too, the same or nearly (exact 12.5%): "
        "more than data.max_overlap allows (0.1)"
    )
    assert check_overlap(leakage(*range(40)), 1.0).ok


def test_a_planted_leak_takes_the_verdict_or_is_told_beside_it(
    make_models: Callable[..., Any], judge_run: Callable[..., Any], parts: SimpleNamespace
) -> None:
    parts.test = (*parts.test[:4], *(replace(one, id=f"copy-{one.id}") for one in parts.train[:2]))
    refused, _ = judge_run(make_models(2.0))
    assert refused.verdict.word == "no verdict"
    assert "2 of 6 held-out conversations (33.3%)" in refused.verdict.numbers
    assert refused.overlap.shares["exact"] == pytest.approx(2 / 6)
    assert (refused.overlap.clean, refused.overlap.on_clean.difference.conversations) == (4, 4)
    best = refused.best_untrained
    assert refused.overlap.on_all.rival == best.rival
    assert refused.overlap.on_all.difference == best.primary
    allowed, _ = judge_run(make_models(2.0), max_overlap=0.5)
    assert allowed.verdict.word == "cannot tell"
    assert allowed.overlap == refused.overlap


def _first(one: Scored, count: int) -> Scored:
    return replace(one, scores={PRIMARY.key: one.scores[PRIMARY.key][:count]}, conversations=one.conversations[:count])
