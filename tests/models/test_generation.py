"""Decoding: batches change nothing, stop tokens and limits hold, loops are caught."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig, MistralConfig

from chatforge.models.beginning import LEAST, common, read_beginning
from chatforge.models.generation import choose, generate, loop_start, stream


@pytest.fixture(scope="module")
def model(tiny_model):
    return AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()


def prompts(count: int = 9) -> list[list[int]]:
    dice = torch.Generator().manual_seed(0)
    return [
        torch.randint(3, 259, (int(torch.randint(1, 40, (1,), generator=dice)),), generator=dice).tolist()
        for _ in range(count)
    ]


def some_stop_ids(model) -> set[int]:
    """Tokens that this model does say, so that replies end at different times."""
    said = generate(model, prompts(), stop_ids={2}, max_new_tokens=12, batch_size=1, pad_id=2)
    return {2, *(reply.ids[3] for reply in said[::3] if len(reply.ids) > 3)}


def test_a_batch_gives_what_single_prompts_give(model):
    stop = some_stop_ids(model)
    alone = generate(model, prompts(), stop_ids=stop, max_new_tokens=30, batch_size=1, pad_id=2)
    for batch_size in (2, 4, 9):
        together = generate(model, prompts(), stop_ids=stop, max_new_tokens=30, batch_size=batch_size, pad_id=2)
        assert [(r.ids, r.stopped_by) for r in together] == [(r.ids, r.stopped_by) for r in alone]
    assert len({r.stopped_by for r in alone}) > 1
    assert all(r.seconds > 0 for r in alone)


def test_replies_are_the_librarys_own_greedy_ones(model):
    config = GenerationConfig(do_sample=False, max_new_tokens=10, eos_token_id=2, pad_token_id=2)
    for prompt, reply in zip(
        prompts(), generate(model, prompts(), stop_ids={2}, max_new_tokens=10, batch_size=4, pad_id=2), strict=True
    ):
        ids = torch.tensor([prompt])
        theirs = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
        assert tuple(theirs[0, len(prompt) :].tolist()[: len(reply.ids)]) == reply.ids


def test_the_pad_token_does_not_matter(model):
    one = generate(model, prompts(), stop_ids={2}, max_new_tokens=8, batch_size=9, pad_id=2)
    two = generate(model, prompts(), stop_ids={2}, max_new_tokens=8, batch_size=9, pad_id=77)
    assert [r.ids for r in one] == [r.ids for r in two]


def test_the_limit_and_the_stop_token_hold(model):
    first = generate(model, prompts(), stop_ids=set(), max_new_tokens=5, batch_size=3, pad_id=2)
    assert {len(r.ids) for r in first} == {5}
    assert {r.stopped_by for r in first} == {"length"}
    stopped = generate(model, prompts(1), stop_ids={first[0].ids[0]}, max_new_tokens=5, batch_size=3, pad_id=2)
    assert stopped[0].ids == ()
    assert stopped[0].stopped_by == "stop"


def test_progress_counts_every_reply(model):
    seen = []
    generate(
        model, prompts(7), stop_ids=set(), max_new_tokens=3, batch_size=3, pad_id=2,
        on_progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen == [(i, 7) for i in range(1, 8)]


@pytest.mark.parametrize("batch_size", [1, 3, 9])
def test_a_beginning_that_all_share_is_read_once_and_changes_nothing(model, batch_size):
    start = prompts(12)[11] * 2
    asked = [[*start, *prompt] for prompt in prompts()]
    assert common(asked) >= LEAST
    alone = [generate(model, [one], stop_ids={2}, max_new_tokens=9, batch_size=1, pad_id=2)[0] for one in asked]
    seen = []
    hook = model.register_forward_pre_hook(lambda _, __, given: seen.append(given["input_ids"].shape), with_kwargs=True)
    together = generate(model, asked, stop_ids={2}, max_new_tokens=9, batch_size=batch_size, pad_id=2)
    hook.remove()
    assert [(r.ids, r.stopped_by) for r in together] == [(r.ids, r.stopped_by) for r in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.log_probability == pytest.approx(other.log_probability, abs=1e-4)
    assert seen[0] == (1, common(asked))
    assert max(length for _, length in seen[1:]) == max(map(len, asked)) - common(asked)


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6), max_size=5))
def test_what_is_common_is_a_prefix_of_each_and_leaves_a_token(asked):
    length = common(asked)
    assert all(prompt[:length] == asked[0][:length] and len(prompt) > length for prompt in asked)
    longer = {tuple(prompt[: length + 1]) for prompt in asked}
    assert len(longer) > 1 or not asked or length == min(map(len, asked)) - 1


def test_a_model_that_forgets_reads_every_prompt_whole(tiny_model):
    config = AutoConfig.from_pretrained(tiny_model)
    sliding = MistralConfig(**{**config.to_dict(), "model_type": "mistral", "sliding_window": 8, "architectures": None})
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(sliding).eval()
    asked = [[*range(3, 40), i] for i in range(3)]
    assert read_beginning(model, asked).length == 0
    alone = [generate(model, [one], stop_ids={2}, max_new_tokens=5, batch_size=1, pad_id=2)[0] for one in asked]
    together = generate(model, asked, stop_ids={2}, max_new_tokens=5, batch_size=3, pad_id=2)
    assert [reply.ids for reply in together] == [reply.ids for reply in alone]


def test_long_prompts_come_in_smaller_batches(model):
    sizes = []
    asked = [[5] * 9, [6] * 600, [7] * 1200, [8] * 10]
    generate(
        model, asked, stop_ids=set(), max_new_tokens=1, batch_size=2, pad_id=2, on_batch=lambda b: sizes.append(set(b))
    )
    assert sizes == [{2}, {1}, {0, 3}]


def test_the_log_probability_is_the_mean_over_the_tokens_it_chose(model):
    stop = some_stop_ids(model)
    asked = prompts()
    for prompt, reply in zip(
        asked, generate(model, asked, stop_ids=stop, max_new_tokens=12, batch_size=4, pad_id=2), strict=True
    ):
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt, *reply.ids]])).logits[0, len(prompt) - 1 :].log_softmax(-1)
        said = [logits[i, token].item() for i, token in enumerate(reply.ids)]
        if reply.stopped_by == "stop":
            said.append(logits[-1].max().item())
        assert reply.log_probability == pytest.approx(sum(said) / len(said), abs=1e-4)
        assert reply.log_probability <= 0


def test_no_prompts_no_replies(model):
    assert generate(model, [], stop_ids=set(), max_new_tokens=3, batch_size=3, pad_id=2) == []


class Chant(torch.nn.Module):
    """A model that says the same words over and over."""

    def __init__(self, words: list[int]) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.words = words

    def forward(self, input_ids, position_ids, past_key_values, **_):
        logits = torch.zeros(len(input_ids), 1, 50)
        for row, position in enumerate(position_ids[:, -1].tolist()):
            logits[row, 0, self.words[position % len(self.words)]] = 1
        return type("Out", (), {"logits": logits, "past_key_values": past_key_values or Cache()})()


class Cache:
    def batch_select_indices(self, indices):
        pass


@pytest.mark.parametrize(("words", "first"), [([9], (9,)), ([5, 6, 7], (5, 6, 7))])
def test_a_loop_is_stopped_and_cut_after_its_first_round(words, first):
    replies = generate(Chant(words), [[1] * len(words) * 2], stop_ids={2}, max_new_tokens=100, batch_size=2, pad_id=2)
    assert replies[0].stopped_by == "loop"
    assert len(replies[0].ids) == len(words)
    assert set(replies[0].ids) == set(first)


def test_a_stream_of_a_loop_ends():
    said, why = drain(stream(Chant([9]), [1], stop_ids={2}, max_new_tokens=100))
    assert why == "loop"
    assert len(said) == 16


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 8), st.integers(0, 3))
def test_what_is_cut_is_a_repetition(start, period, more):
    round_ = list(range(10, 10 + period))
    ids = start + round_ * (max(4, -(-16 // period)) + more)
    cut = loop_start(ids)
    assert cut is not None
    assert len(start) + period >= cut
    assert ids[:cut][-period:] == ids[cut : cut + period] or len(ids) - cut < period


@pytest.mark.parametrize(
    "ids",
    [[], [1], [1] * 15, [1, 2] * 7, list(range(100)), [1, 2, 3, 1, 2, 3, 1, 2, 3, 4], [*range(33)] * 4],
)
def test_ordinary_text_is_no_loop(ids):
    assert loop_start(ids) is None


def drain(tokens):
    said = []
    while True:
        try:
            said.append(next(tokens))
        except StopIteration as end:
            return said, end.value


def test_a_greedy_stream_is_the_batchs_reply(model):
    stop = some_stop_ids(model)
    for prompt, reply in zip(
        prompts(), generate(model, prompts(), stop_ids=stop, max_new_tokens=12, batch_size=4, pad_id=2), strict=True
    ):
        said, why = drain(stream(model, prompt, stop_ids=stop, max_new_tokens=12))
        assert (tuple(said[: len(reply.ids)]), why) == (reply.ids, reply.stopped_by)


def test_a_stream_samples_by_seed(model):
    def said(seed, **more):
        return drain(
            stream(model, prompts(1)[0], stop_ids=set(), max_new_tokens=8, temperature=2.0, seed=seed, **more)
        )[0]

    assert said(1) == said(1)
    assert said(1) != said(2)
    greedy = drain(stream(model, prompts(1)[0], stop_ids=set(), max_new_tokens=8))[0]
    assert said(3, top_p=1e-9) == greedy


def test_a_stream_stops_when_asked(model):
    asked = iter([False, False, True])
    said, why = drain(stream(model, prompts(1)[0], stop_ids=set(), max_new_tokens=50, should_stop=lambda: next(asked)))
    assert (len(said), why) == (2, "asked")


def test_gradients_stay_on_outside_the_stream(model):
    tokens = stream(model, prompts(1)[0], stop_ids=set(), max_new_tokens=3)
    next(tokens)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


def test_top_p_keeps_the_likeliest_tokens_only():
    logits = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))
    dice = torch.Generator().manual_seed(0)
    drawn = [choose(logits, 1.0, 0.7, dice) for _ in range(300)]
    assert set(drawn) == {0, 1}
    assert 0.5 < drawn.count(0) / 300 < 0.75
    assert {choose(logits, 1.0, 1.0, dice) for _ in range(500)} == {0, 1, 2, 3}
