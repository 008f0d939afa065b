"""The chat templates of real models, as their formats are published, and what their tokenizers have besides.

Those that TRL ships, too, are compared with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.rendering import Renderer


@dataclass(frozen=True)
class Family:
    """A template's surroundings and what is known of its replies.

    Attributes:
        marks: texts that the model's tokenizer has as tokens of their own.
        bos, eos: first and last token as the tokenizer names them.
        stop: the token that ends a reply.
        before, after: what the template writes around a reply and the model therefore learns with it.
        way: the outcome.
        folds: the system message goes into the first question.
    """

    marks: tuple[str, ...]
    bos: str
    eos: str
    stop: str
    before: str = ""
    after: str = ""
    way: str = "prefix"
    folds: bool = False


IM = ("<|im_start|>", "<|im_end|>")
THINK = ("<think>", "</think>", "<tool_response>", "</tool_response>")
HEADERS = ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
GEMMA = ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")
PHI = ("<s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
DEEPSEEK = ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
COHERE = (
    "<BOS_TOKEN>", "<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|SYSTEM_TOKEN|>", "<|USER_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
)  # fmt: skip

FAMILIES = {
    "chatml": Family(IM, *IM, "<|im_end|>"),
    "llama2": Family(("<s>", "</s>"), "<s>", "</s>", "</s>", " ", " "),
    "llama3": Family(HEADERS, "<|begin_of_text|>", "<|eot_id|>", "<|eot_id|>"),
    "llama3_2": Family(HEADERS, "<|begin_of_text|>", "<|eot_id|>", "<|eot_id|>"),
    "mistral_v1": Family(("<s>", "</s>"), "<s>", "</s>", "</s>", folds=True),
    "mistral_v3": Family(("<s>", "</s>", "[INST]", "[/INST]"), "<s>", "</s>", "</s>", " ", folds=True),
    "gemma": Family(GEMMA, "<bos>", "<eos>", "<end_of_turn>", folds=True),
    "gemma3": Family(GEMMA, "<bos>", "<eos>", "<end_of_turn>"),
    "phi3": Family(PHI, "<s>", "<|endoftext|>", "<|end|>"),
    "phi4_mini": Family(PHI[1:], "<|endoftext|>", "<|endoftext|>", "<|end|>"),
    "qwen2_5": Family(IM, "", "<|im_end|>", "<|im_end|>"),
    "qwen3": Family((*IM, *THINK), "", "<|im_end|>", "<|im_end|>", way="per turn"),
    "smollm3": Family((*IM, *THINK), "", "<|im_end|>", "<|im_end|>"),
    "zephyr": Family(("<s>", "</s>"), "<s>", "</s>", "</s>"),
    "vicuna": Family(("<s>", "</s>"), "<s>", "</s>", "</s>", " "),
    "deepseek_v2": Family(DEEPSEEK, *DEEPSEEK, DEEPSEEK[1], " "),
    "deepseek_r1": Family(
        (*DEEPSEEK, "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>"), *DEEPSEEK, DEEPSEEK[1], way="refused"
    ),
    "command_r": Family(COHERE, "<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
    "olmo2": Family((), "<|endoftext|>", "<|endoftext|>", "<|endoftext|>"),
}


@pytest.fixture(scope="session")
def families() -> dict[str, Family]:
    """What goes with each template."""
    return FAMILIES


@pytest.fixture(scope="session")
def source() -> Callable[[str], str]:
    """The text of a template file, without the comment at its top."""
    return lambda name: (Path(__file__).parent / f"{name}.jinja").read_text(encoding="utf-8").partition("-#}\n")[2]


@pytest.fixture(scope="session")
def dressed(new_tokenizer: Callable[[], Any], source: Callable[[str], str]) -> Callable[..., Any]:
    """Make a byte-level tokenizer with the tokens of a family and its template, or another one."""
    from tokenizers import AddedToken

    def dress(name: str, template: str | None = None) -> Any:
        family, tokenizer = FAMILIES[name], new_tokenizer()
        # Phi-3's tokens swallow the white space after them.
        tokens = [AddedToken(mark, special=True, rstrip=name == "phi3") for mark in family.marks]
        tokenizer.add_tokens(tokens, special_tokens=True)
        tokenizer.bos_token, tokenizer.eos_token = family.bos or None, family.eos
        tokenizer.chat_template = template or source(name)
        return tokenizer

    return dress


@pytest.fixture(scope="session")
def make(dressed: Callable[..., Any]) -> Callable[..., Renderer]:
    """Make the renderer of a family, or of another template with its tokens; made once."""
    made: dict[tuple[str, str | None], Renderer] = {}

    def build(name: str, template: str | None = None) -> Renderer:
        if (name, template) not in made:
            made[name, template] = Renderer(dressed(name, template), "You are Fern.")
        return made[name, template]

    return build
