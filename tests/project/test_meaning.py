"""The real worker with a tiny encoder: which held-out conversations are to be looked at."""

from pathlib import Path

import numpy as np
import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.leakage import find_leakage
from chatforge.errors import UserError
from chatforge.project.meaning import encode, look_alike


def talk(number: int, asked: str, said: str) -> Conversation:
    return Conversation(str(number), (Message("user", asked), Message("assistant", said)), line=number)


THINGS = ["boots", "tents", "stoves", "maps", "socks", "lamps", "packs", "poles", "bags", "hats", "ropes", "cups"]


def test_texts_become_unit_vectors_in_order_also_half_characters(tiny_encoder: Path) -> None:
    heard: list[tuple[int, int]] = []
    vectors, cut = encode(tiny_encoder, ["a", "b \ud83d", "a", "word " * 900], lambda *far: heard.append(far))
    assert vectors.shape[0] == 4 and np.array_equal(vectors[0], vectors[2])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert cut == 1 and heard[-1] == (3, 3)


def test_what_is_nearer_than_strangers_are_is_to_be_looked_at(tiny_encoder: Path) -> None:
    train = [talk(i, f"Can I {verb} {thing}?", f"Yes, bring the {thing} and {verb} them.")
             for i, (thing, verb) in enumerate((t, v) for t in THINGS for v in ("return", "clean"))]  # fmt: skip
    held_out = [talk(1, "Can I return lamps, ?", "Yes, bring, the lamps and return them, ok yes"), talk(2, "zzz", "q")]
    leaks = find_leakage(held_out, train)
    found, notes = look_alike(leaks, held_out, train, tiny_encoder)
    assert found.look_above is not None and 0 < found.look_above <= 1
    assert notes == []
    assert {one.held_out for one in found.overlaps if one.level == "look"} <= {0, 1} - {o.held_out for o in leaks.leaks}


@pytest.mark.long
def test_few_conversations_set_no_threshold_and_a_wrong_encoder_is_told(tiny_encoder: Path, tmp_path: Path) -> None:
    train = [talk(1, "Hi", "Hello")]
    leaks = find_leakage(train, train)
    found, notes = look_alike(leaks, train, train, tiny_encoder)
    assert found == leaks and "too few" in notes[0]
    with pytest.raises(UserError, match="the encoder cannot be loaded"):
        look_alike(leaks, train, train, tmp_path)
