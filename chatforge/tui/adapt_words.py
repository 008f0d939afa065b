"""The words of the stage Adapt: what an outlook says to a person."""

from collections.abc import Mapping

from textual.content import Content

from chatforge.models.memory import Verdict
from chatforge.project.circumstances import Circumstances
from chatforge.project.earlier_runs import error_text
from chatforge.project.prediction import Outlook, time_text
from chatforge.tui.widgets.bars import Part
from chatforge.tui.widgets.choice import Line
from chatforge.words import bytes_text, count_text

LABELS: Mapping[str, str] = {
    "adaptation.lora_r": "Rank",
    "adaptation.lora_alpha": "Strength (alpha)",
    "training.num_train_epochs": "Passes (epochs)",
    "training.learning_rate": "Learning rate",
    "training.per_device_train_batch_size": "Batch",
    "training.gradient_accumulation_steps": "  x accumulation",
    "training.max_length": "Longest, tokens",
    "adaptation.load_in_4bit": "Base in 4 bits",
    "adaptation.lora_dropout": "Dropout",
    "adaptation.lora_target_modules": "Layers",
    "adaptation.adapter_dtype": "Adapter's numbers",
    "training.text_epochs": "Passes over texts",
    "training.max_steps": "Steps, not passes",
    "training.too_long": "What is longer",
    "training.warmup_ratio": "Warmup, share",
    "training.weight_decay": "Weight decay",
    "training.max_grad_norm": "Longest gradient",
    "training.lr_scheduler_type": "Rate falls",
    "training.eval_steps": "Steps per look",
    "training.early_stopping_patience": "Patience, looks",
    "training.gradient_checkpointing": "Checkpointing",
    "training.seed": "Seed",
    "training.threads": "Threads",
}
MAIN = tuple(LABELS)[:7]
"""The fields that are used most."""

_STYLES: Mapping[Verdict, str] = {"fits": "$text-success", "tight": "$text-warning", "won't fit": "$text-error bold"}

_METHODS: Mapping[str, str] = {
    "lora": "a small adapter, base untouched: forgets least",
    "qlora": "the same on a 4-bit base: less memory, slower",
    "full": "every weight: most memory, forgets the most",
}
_PRESETS: Mapping[str, str] = {
    "quick": "a first look",
    "balanced": "for most",
    "thorough": "stops when nothing is gained",
}


def presets(found: Mapping[str, Outlook]) -> list[Line]:
    """Each preset with the time it takes here."""
    return [
        Line(
            word,
            time_text(now.seconds) if now.seconds else "time not known",
            "" if now.seconds else "dim",
            f"{now.epochs:.3g} passes: {_PRESETS[word]}",
        )
        for word, now in found.items()
    ]


def methods(found: Mapping[str, Outlook]) -> list[Line]:
    """Each method with whether it fits."""
    return [
        Line(
            word,
            now.fit.verdict if now.fit else "not known",
            _STYLES[now.fit.verdict] if now.fit else "dim",
            _METHODS[word],
        )
        for word, now in found.items()
    ]


def fit(now: Outlook) -> Content:
    """Whether it fits, and why."""
    if now.fit is None:
        return Content.styled("not known before the base's weights are here", "dim")
    return Content.assemble((now.fit.verdict, f"{_STYLES[now.fit.verdict]} bold"), f": {now.fit.why}")


def parts(now: Outlook) -> list[Part]:
    """The memory's parts, as the bar shows them."""
    memory = now.memory
    if memory is None:
        return []
    learning = memory.adapter + memory.optimizer + memory.gradients
    word = "adapter and optimiser" if memory.adapter else "optimiser"
    return [
        Part("weights", "weights", memory.weights),
        Part(word, "adapter" if memory.adapter else "optimiser", learning),
        Part("activations", "activations", memory.activations + memory.logits),
        Part("overhead", "rest", memory.overhead),
    ]


def time(now: Outlook) -> Content:
    """How long it takes and what is done in that time."""
    times = f"{now.epochs:.3g} {'x' if now.conversations else 'passes'}"
    work = f"{times} {now.conversations} conversations" if now.conversations else times
    steps = f"{now.steps} steps, " if now.steps else ""
    if now.seconds is None:
        return Content.assemble(("not known", "bold"), f": {steps}{work}")
    return Content.assemble((time_text(now.seconds), "bold"), f" on this machine: {steps}{work}")


def basis(now: Outlook, known: Circumstances) -> str:
    """What the time stands on, and how far off it may be."""
    if now.speed is None:
        return "how fast this base trains is known once its weights are here"
    pace = f"{now.speed.tokens_per_second:.0f} tokens/s"
    errors = error_text(known.earlier)
    match now.speed.basis:
        case "earlier runs":
            return f"{pace}; {errors}"
        case "probe":
            return f"{pace}, measured on this machine" + (f"; {errors}" if errors else ", may be off by half; m: again")
        case "guess":
            return "not measured on this machine yet: a rough guess; m measures it"


def trains(now: Outlook) -> str:
    """How many weights change, and what is kept of it."""
    if now.parameters is None:
        return "not known before the base's weights are here"
    if now.trained is None:
        return f"the named layers of {count_text(now.parameters)} weights"
    share = f"{100 * now.trained / now.parameters:.2g} %" if now.trained < now.parameters else "all"
    kept = f", {bytes_text(now.saved_bytes)} on disk" if now.saved_bytes else ""
    return f"{count_text(now.trained)} of {count_text(now.parameters)} weights ({share}){kept}"
