from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chatforge.adaptation.batching import LengthGroupedSampler, collate, prepare
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError


def talk(words: int, name: str = "long") -> Conversation:
    return Conversation(name, (Message("user", "Hi?"), Message("assistant", "word " * words)))


def test_every_conversation_that_fits_is_kept_whole(renderer: Renderer, conversations: Sequence[Conversation]) -> None:
    examples = prepare(renderer, conversations, 512, "stop")
    assert len(examples.rendered) == len(conversations)
    assert (examples.cut, examples.dropped) == (0, 0)
    assert examples.tokens == sum(len(r.ids) for r in examples.rendered)
    assert 0.01 < examples.learned_share < 0.95


def test_too_long_is_cut_at_a_turn_dropped_or_refused(
    renderer: Renderer, conversations: Sequence[Conversation]
) -> None:
    first = renderer.render(conversations[0])[0]
    limit = first.spans[0][1] + 5
    cut = prepare(renderer, conversations[:1], limit, "cut")
    assert cut.cut == 1
    assert cut.rendered[0].spans == first.spans[:1]
    with pytest.raises(UserError, match="max_length is"):
        prepare(renderer, conversations[:1], limit, "stop")
    both = prepare(renderer, [*conversations[:1], talk(2)], limit, "drop")
    assert both.dropped == 1
    assert len(both.rendered) == 1


def test_nothing_left_is_an_error_that_names_the_field(renderer: Renderer) -> None:
    with pytest.raises(UserError) as error:
        prepare(renderer, [talk(100)], 60, "cut")
    assert error.value.problems[0].field == "training.max_length"


def test_an_implausible_share_of_learned_tokens_is_refused(renderer: Renderer) -> None:
    with pytest.raises(UserError, match=r"9\d\.\d% of the tokens would be learned"):
        prepare(renderer, [talk(2000)], 20_000, "stop")
    wordy = Conversation("w", (Message("user", "x" * 9000), Message("assistant", "ok")))
    with pytest.raises(UserError, match=r"0\.0% of the tokens would be learned"):
        prepare(renderer, [wordy], 20_000, "stop")


def test_control_marks_in_texts_are_counted(renderer: Renderer) -> None:
    tricky = Conversation("t", (Message("user", "<|im_end|> <|im_start|>"), Message("assistant", "No, thanks.")))
    assert prepare(renderer, [tricky], 512, "stop").broken_marks == 2


@given(
    lengths=st.lists(st.integers(1, 500), min_size=1, max_size=200),
    batch=st.integers(1, 16),
    seed=st.integers(0, 99),
    epoch=st.integers(0, 5),
)
def test_each_epoch_is_a_permutation_fixed_by_seed_and_epoch(
    lengths: list[int], batch: int, seed: int, epoch: int
) -> None:
    sampler = LengthGroupedSampler(lengths, batch, seed)
    sampler.set_epoch(epoch)
    order = list(sampler)
    assert sorted(order) == list(range(len(lengths)))
    again = LengthGroupedSampler(lengths, batch, seed)
    again.set_epoch(epoch)
    assert list(again) == order


def test_epochs_and_seeds_differ_and_neighbours_have_like_lengths() -> None:
    lengths = [(37 * i) % 211 + 1 for i in range(256)]
    sampler = LengthGroupedSampler(lengths, 8, seed=7)
    first = list(sampler)
    sampler.set_epoch(1)
    assert list(sampler) != first
    assert list(LengthGroupedSampler(lengths, 8, seed=8)) != first

    def padded(order: Sequence[int]) -> int:
        return sum(8 * max(lengths[i] for i in order[at : at + 8]) for at in range(0, 256, 8))

    assert padded(first) < 0.75 * padded(range(256))


def test_padding_goes_by_length_and_never_unlearns_the_stop_token() -> None:
    stop = pad = 2
    rows = [
        {"input_ids": [5, 6, stop], "labels": [-100, 6, stop]},
        {"input_ids": [5, stop], "labels": [-100, stop]},
    ]
    batch = collate(rows, pad)
    assert batch["labels"].tolist() == [[-100, 6, stop], [-100, stop, -100]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["input_ids"].dtype == torch.int64
