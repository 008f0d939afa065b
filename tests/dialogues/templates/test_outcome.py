"""What comes of the chat templates of real models: one example a conversation, one a reply, or none."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.outcome import outcome
from chatforge.dialogues.rendering import PrefixError, Renderer
from chatforge.dialogues.template import training_twin
from chatforge.models.catalog import load_catalog

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.jinja"))
TRL_HAS = {
    "llama3": "llama3", "llama3_2": "llama3_2", "gemma": "gemma", "gemma3": "gemma3", "phi3": "phi3_5",
    "qwen2_5": "qwen2_5", "qwen3": "qwen3", "deepseek_r1": "deepseek_r1_distill", "command_r": "cohere",
}  # fmt: skip
"""Template here → TRL's copy of the original."""

CATALOGUE = {
    "smollm2": "chatml", "smollm3": "smollm3", "qwen3": "qwen3", "qwen2.5": "qwen2_5", "llama-3": "llama3_2",
    "gemma-3": "gemma3", "gemma-2": "gemma", "phi-3": "phi3", "phi-4": "phi4_mini", "mistral-7b": "mistral_v3",
}  # fmt: skip
"""How names of base models in the catalogue begin → their template here."""

Dressed = Callable[..., Any]
Make = Callable[..., Renderer]
Source = Callable[[str], str]
HI = (Message("user", "hi"), Message("assistant", "hello"))


def trl(name: str) -> str:
    """A chat template as TRL ships it."""
    return (resources.files("trl") / "chat_templates" / f"{TRL_HAS[name]}.jinja").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_outcome_of_every_template(dressed: Dressed, name: str, families: Any) -> None:
    family = families[name]
    found = outcome(dressed(name))
    assert found.way == family.way
    assert found.reason
    notes = " ".join(found.notes)
    assert ("in the first question" in notes) == family.folds
    assert ("thinking before a reply is switched off" in notes) == (name in ("qwen3", "smollm3"))
    assert ("always 26 July 2024" in notes) == (name in ("llama3_2", "smollm3"))
    assert (f"{family.before!r} before and {family.after!r} after" in notes) == bool(family.before or family.after)


def test_every_base_of_the_catalogue_can_be_trained_in_some_way(dressed: Dressed) -> None:
    bases = [entry.name for entry in load_catalog().values() if entry.kind == "chat"]
    known = {base: [name for start, name in CATALOGUE.items() if base.startswith(start)] for base in bases}
    assert all(len(names) == 1 for names in known.values()), known
    ways = {name: outcome(dressed(name)).way for names in known.values() for name in names}
    assert {name for name, way in ways.items() if way != "prefix"} == {"qwen3"}
    assert ways["qwen3"] == "per turn"


def test_qwen3_gets_trls_twin_where_its_template_is_the_original(dressed: Dressed, source: Source) -> None:
    found = outcome(dressed("qwen3", trl("qwen3")))
    assert (found.way, "TRL's version" in found.reason) == ("twin", True)
    assert training_twin(source("qwen3")) is None


def test_a_template_that_asks_for_thinking_is_refused_with_the_reason(make: Make, dressed: Dressed) -> None:
    assert repr("<think>\n") in outcome(dressed("deepseek_r1")).reason
    with pytest.raises(PrefixError, match="reply 1 of c: it asks for a reply with '<think>"):
        make("deepseek_r1").render(Conversation("c", HI))


@pytest.mark.parametrize("template", ["", "{% for %}", "{{ raise_exception('tools only') }}", "{{ messages[0].a.b }}"])
def test_a_template_that_cannot_be_used_has_an_outcome_too(new_tokenizer: Callable[[], Any], template: str) -> None:
    tokenizer = new_tokenizer()
    tokenizer.chat_template = template
    assert outcome(tokenizer).way == "refused"


@pytest.mark.parametrize("name", TRL_HAS)
@pytest.mark.parametrize("generate", [False, True])
@pytest.mark.parametrize("roles", ["u", "ua", "uaua", "sua", "suaua", "suau"])
def test_a_template_here_writes_what_the_original_writes(
    dressed: Dressed, source: Source, name: str, generate: bool, roles: str
) -> None:
    tokenizer = dressed(name)
    words = {"s": "system", "u": "user", "a": "assistant"}
    chat = [{"role": words[role], "content": f"text {i}"} for i, role in enumerate(roles)]

    def written(template: str) -> str | None:
        try:
            return str(
                tokenizer.apply_chat_template(
                    chat, chat_template=template, add_generation_prompt=generate, tokenize=False
                )
            )
        except Exception:
            return None

    assert written(source(name)) == written(trl(name))
    assert (written(source(name)) is None) == (name == "gemma" and roles[0] == "s")


@pytest.mark.parametrize("name", ["smollm3", "llama3_2", "qwen3", "qwen3 of TRL"])
def test_what_a_renderer_settled_for_can_be_saved_with_the_tokenizer(dressed: Dressed, name: str) -> None:
    tokenizer = dressed("qwen3", trl("qwen3")) if name == "qwen3 of TRL" else dressed(name)
    renderer = Renderer(tokenizer, "You are Fern.")
    text, fingerprint = renderer.text(HI), renderer.fingerprint()
    assert tokenizer.chat_template != renderer.template
    tokenizer.chat_template = renderer.template
    again = Renderer(tokenizer, renderer.system)
    assert (again.template, again.fingerprint()) == (renderer.template, fingerprint)
    chat = [{"role": "system", "content": renderer.system}, *({"role": m.role, "content": m.content} for m in HI)]
    assert tokenizer.apply_chat_template(chat, tokenize=False) == text, "also without any renderer"


def test_the_date_in_a_template_stays_the_same(make: Make) -> None:
    assert "Today Date: 26 Jul 2024\n" in make("llama3_2").text(HI)
    assert "Today Date: 26 July 2024\n" in make("smollm3").text(HI)


def test_the_first_template_of_several_is_the_one_for_chats(dressed: Dressed, source: Source) -> None:
    tokenizer = dressed("llama3")
    tokenizer.chat_template = {"default": source("llama3"), "tool_use": "{{ raise_exception('tools') }}"}
    assert Renderer(tokenizer, "").template == source("llama3")
