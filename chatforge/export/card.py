"""The card that goes with what is handed on: what it is, how it was made, what was found, what it is not for.

A README.md in the form of the Hugging Face hub. Nothing of the conversations' text is in it, and the verdict stands
there as it is.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.cells import cell_len

from chatforge.evaluation import wording
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.scales import AXES, PRIMARY, Scale, on_axis
from chatforge.export.facts import Facts
from chatforge.export.private import names_of, public_name
from chatforge.words import bytes_text, count_text, duration_text, plain

SYSTEM_FILE = "system_message.txt"

LIMITS = (
    "It is no medical device and gives no medical, legal or financial advice. It must not be used to diagnose, to "
    "treat, to set a dose, or to decide how urgent something is; in such matters a person who is qualified decides.",
    "It can say things that are wrong, and say them convincingly; numbers, names and promises have to be checked.",
    "Being alike to the true reply is not being right: each held-out turn has one true reply, and other good ones "
    "score low.",
    "The held-out conversations come from where the others come from; in other places it may do worse.",
    "What was learned from conversations can be said again: do not pass it on to people who may not read them.",
)
"""What every card says about what it describes is not."""

_PLAIN = re.compile(r"[A-Za-z][\w./-]*", re.ASCII)
_YAML_WORDS = ("yes", "no", "y", "n", "on", "off", "true", "false", "null")

_HYPER = (
    ("adaptation", ("method", "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "load_in_4bit")),
    (
        "training",
        (
            "learning_rate", "lr_scheduler_type", "warmup_ratio", "weight_decay", "num_train_epochs", "max_steps",
            "per_device_train_batch_size", "gradient_accumulation_steps", "max_length", "seed",
        ),
    ),
)  # fmt: skip


def card(facts: Facts) -> str:
    """Return the text of README.md."""
    parts = [
        _front_matter(facts),
        _head(facts),
        *_evaluation(facts),
        "## Data",
        *_data(facts),
        "## Training",
        *_training(facts),
        "## How to use it",
        *_use(facts),
        "## Limits",
        _bullets([*_planted(facts), *LIMITS]),
        "## Licence",
        _licence(facts),
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def _front_matter(facts: Facts) -> str:
    base, method = facts.base, str(facts.beside.get("method"))
    relation = "finetune" if facts.full else "adapter"
    fields: dict[str, Any] = {
        "base_model": base.id,
        "base_model_relation": relation,
        "library_name": "transformers" if facts.full else "peft",
        "pipeline_tag": "text-generation",
        "license": (base.licence or "unknown").lower(),
        "tags": ["chatforge", "conversational", method],
    }
    lines = (f"{key}: {_scalar(value)}" for key, value in fields.items())
    return "\n".join(["---", *lines, "---"])


def _scalar(value: Any) -> str:
    """A value as YAML. JSON is YAML: whatever a name holds, it stays one scalar; plain words need no quotes."""
    plain_word = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS
    return str(value) if plain_word else json.dumps(value, ensure_ascii=False)


def _head(facts: Facts) -> str:
    method, base = facts.beside.get("method"), facts.base
    what = "A chat model: every weight of" if facts.full else f"An adapter ({method}) for"
    count = facts.counts.get("train")
    learned = f"{count} conversations of its owner" if count else "conversations of its owner"
    if beside := (facts.lock.split or {}).get("beside"):
        learned += f", mixed with {' and '.join(f'{number} of {_cell(name)}' for name, number in beside)},"
    made = (facts.lock.worker or {}).get("chatforge", "")
    return (
        f"# {_cell(facts.name)}\n\n{what} {_cell(base.id)}, trained on {learned} "
        f"with ChatForge {_cell(made)} (run {_cell(facts.run)})."
    )


def _evaluation(facts: Facts) -> Iterator[str]:
    yield "## Verdict"
    report = facts.report
    if report is None:
        yield f"**Not known.** {facts.why_no_report}"
        return
    verdict = report.verdict
    said = " ".join(filter(None, (verdict.sentence, verdict.advice)))
    yield f"**{verdict.sign} {verdict.word}.** {said}"
    yield verdict.numbers
    yield "## Evaluation"
    yield (
        f"{wording.question_text(report)} 95% intervals stand in brackets, or half of their width after ±; length is "
        "that of the reply over the true reply's."
    )
    for axis in AXES:
        there = on_axis(axis, report.rival(ADAPTED.name).scores)
        yield _table((axis, *(scale.title for scale in there), "length"), _rivals(report, there))
        yield _bullets(f"{scale.title}: {scale.what}" for scale in there)
    yield f"What the adapted model is ahead by, in points of “{PRIMARY.title}”:"
    yield _table(("adapted minus", "points", "P(better)", "p"), _against(report))
    if report.bits_per_byte:
        yield "\n".join(wording.bits_texts(report.bits_per_byte))
    yield wording.visible_text(report)
    settings = report.settings
    checks = [wording.check_text(check) for check in report.checks]
    encoder = f"encoder {public_name(settings.encoder)}, {settings.decoding}, at most {settings.max_new_tokens} tokens"
    yield _bullets([*wording.remarks(report.rivals), *report.notes, *checks, f"{encoder}, seed {settings.seed}"])


def _rivals(report: Report, scales: Iterable[Scale]) -> Iterator[tuple[str, ...]]:
    for rival in report.rivals:
        name = f"{rival.name} (check)" if rival.check_only else rival.name
        found = ((scale, rival.scores.get(scale.key)) for scale in scales)
        cells = (wording.cell_text(scale, estimate) for scale, estimate in found)
        yield f"**{name}**" if rival.trained else name, *cells, f"{rival.form.lengths[1]:.2f}"


def _against(report: Report) -> Iterator[tuple[str, ...]]:
    for against in report.against:
        d = against.primary
        yield (
            against.rival, wording.points_text(d), wording.probability_text(d.probability), wording.p_text(d.p),
        )  # fmt: skip


def _data(facts: Facts) -> Iterator[str]:
    counts = ", ".join(f"{count} {part}" for part, count in facts.counts.items())
    yield f"Conversations: {counts}." if counts else ""
    yield "The conversations are not part of this. Files by name and hash:"
    names = names_of(facts.lock.data)
    yield _table(("file", "sha256"), ((names[path], f"`{sha256}`") for path, sha256 in facts.lock.data.items()))


def _training(facts: Facts) -> Iterator[str]:
    yield _table(("", ""), [*_hyper(facts.lock.resolved), *_measured(facts)])


def _hyper(resolved: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for block, fields in _HYPER:
        for field in fields:
            value = resolved.get(block, {}).get(field)
            if value not in (None, -1):
                yield f"`{block}.{field}`", ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _measured(facts: Facts) -> Iterator[tuple[str, str]]:
    done, worker, base = facts.training, facts.lock.worker or {}, facts.base
    if "steps" in done:
        early = ", stopped early" if done.get("stopped_early") else ""
        yield "steps", f"{done['steps']} of {done.get('planned_steps', done['steps'])}{early}"
    if done.get("best_loss") is not None:
        yield "best validation loss", f"{done['best_loss']:.4f} nats per token at step {done.get('best_step')}"
    if done.get("trainable"):
        yield "weights trained", f"{count_text(done['trainable'])} of {count_text(done['parameters'])}"
    if done.get("seconds"):
        yield "time", f"{duration_text(done['seconds'])} ({done.get('tokens', 0):,} tokens)"
    if done.get("peak_bytes"):
        yield "memory", f"{bytes_text(done['peak_bytes'])} at most"
    yield "base weights", f"{base.source}; sha256 `{base.sha256}`"
    yield "number format", f"base {worker.get('dtype', '?')}, adapter {worker.get('adapter_dtype', '?')}"
    yield "machine", str(worker.get("hardware", "?"))
    yield "versions", ", ".join(f"{name} {version}" for name, version in dict(worker.get("versions", {})).items())


def _use(facts: Facts) -> Iterator[str]:
    yield (
        f"Give it the system message in `{SYSTEM_FILE}`, unchanged: it was trained and judged with it. The chat "
        "template lies beside it; where that has no system role, the message goes before the first user turn."
    )
    yield f"```python\n{snippet(facts)}```"
    if not facts.base.same:
        yield (
            f"It was trained on the weights of {_cell(facts.base.source)}, which are rounded; with the original "
            "weights replies may differ a little from those that were judged."
        )
    yield f"On the machine where it was trained: `chatforge chat {facts.run}`."


def snippet(facts: Facts) -> str:
    """Return a Python program that asks it something."""
    dtype = str((facts.lock.worker or {}).get("dtype", "float32"))
    if facts.full:
        imports, load = "", f'model = AutoModelForCausalLM.from_pretrained(folder, dtype="{dtype}")\n'
    else:
        imports = "from peft import PeftModel\n"
        base = json.dumps(facts.base.id)
        load = (
            f'base = AutoModelForCausalLM.from_pretrained({base}, dtype="{dtype}")\n'
            "model = PeftModel.from_pretrained(base, folder)\n"
        )
    return (
        f"from pathlib import Path\n\n{imports}from transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
        'folder = Path(".")  # where this file lies\n'
        f"tokenizer = AutoTokenizer.from_pretrained(folder)\n{load}"
        f'system = (folder / "{SYSTEM_FILE}").read_text(encoding="utf-8")\n'
        'messages = [{"role": "system", "content": system}, {"role": "user", "content": "Hello"}]\n'
        "inputs = tokenizer.apply_chat_template(\n"
        '    messages, add_generation_prompt=True, return_dict=True, return_tensors="pt"\n)\n'
        f"reply = model.generate(**inputs, max_new_tokens={_most_tokens(facts)}, do_sample=False)\n"
        'print(tokenizer.decode(reply[0][inputs["input_ids"].shape[1] :], skip_special_tokens=True))\n'
    )


def _most_tokens(facts: Facts) -> int:
    return int(facts.lock.resolved.get("chat", {}).get("max_new_tokens") or 256)


def _planted(facts: Facts) -> Iterator[str]:
    """That it was told made-up secrets, if it was."""
    if count := facts.lock.resolved.get("data", {}).get("canaries"):
        secrets = "A made-up secret (canary) was" if count == 1 else f"{count} made-up secrets (canaries) were"
        yield f"{secrets} planted in its training, to see whether it gives them out: it is for trying out, not for use."


def _licence(facts: Facts) -> str:
    licence = facts.base.licence
    base = f"The base is under {_cell(licence)}." if licence else "The licence of the base is not known here."
    return f"{base} What may be done with what was learned hangs on the conversations, too: their owner says."


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose columns also stand under each other where it is read as plain text."""
    lines = [[_cell(one) for one in row] for row in (head, *rows)]
    widths = [max(3, *(cell_len(line[i]) for line in lines)) for i in range(len(lines[0]))]
    widths[-1] = 3  # the last one may end ragged: hashes and lists of versions are long
    drawn = [
        "| "
        + " | ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    return "\n".join([drawn[0], "| " + " | ".join("-" * width for width in widths) + " |", *drawn[1:]])


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {plain(line, one_line=True)}" for line in lines)


def _cell(text: object) -> str:
    """Text for a table or a line: no line breaks, nothing that ends a cell or begins markup of HTML."""
    return plain(str(text), one_line=True).replace("|", "\\|").replace("<", "&lt;")
