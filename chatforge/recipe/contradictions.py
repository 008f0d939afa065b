"""What two fields say against each other.

Works on the plain values, not on a valid Recipe, so that contradictions are reported together with every other
problem. Values of the wrong type are left to the schema.
"""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from chatforge.errors import Problem
from chatforge.recipe.problems import line_of

_Found = tuple[str, str, str]  # field to point at, what, hint
_SPLITS = ("train", "valid", "test")


def contradictions(values: Mapping[str, object], file: Path, lines: Mapping[str, int]) -> list[Problem]:
    """Return every contradiction in a recipe's plain values (blocks as dicts, our field names)."""
    blocks = {name: block for name, block in values.items() if isinstance(block, dict)}
    adaptation, training = blocks.get("adaptation", {}), blocks.get("training", {})
    data = blocks.get("data", {})
    found = [
        *_four_bits(adaptation),
        *_full(adaptation),
        *_lengths(training),
        *_shares(data),
        *_nothing_held_out(data),
    ]
    found += _same_file(data, file.absolute().parent)
    found += _mixed_twice(data)
    found += _texts(data, training)
    return [Problem(what, file, line_of(_dotted(field), lines), field, hint) for field, what, hint in found]


def _dotted(field: str) -> str:
    return field.replace("[", ".").replace("]", "")


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _four_bits(adaptation: Mapping[str, object]) -> list[_Found]:
    method, four = adaptation.get("method", "lora"), adaptation.get("load_in_4bit")
    field = "adaptation.load_in_4bit"
    if method == "qlora" and four is False:
        return [(field, "is false, but method `qlora` holds the base in 4 bits", "remove it, or use `method: lora`")]
    if method == "lora" and four is True:
        return [(field, "is true, but method `lora` does not hold the base in 4 bits", "use `method: qlora`")]
    if method == "full" and four is True:
        hint = "use `method: qlora`, or remove load_in_4bit"
        return [(field, "is true, but method `full` changes every weight and 4-bit weights cannot be changed", hint)]
    return []


def _full(adaptation: Mapping[str, object]) -> list[_Found]:
    if adaptation.get("method") != "full":
        return []
    asked = [name for name in adaptation if name.startswith(("lora_", "adapter_")) and adaptation[name] is not None]
    return [
        (f"adaptation.{name}", "is set, but method `full` trains no adapter", "remove it, or use `method: lora`")
        for name in asked
    ]


def _lengths(training: Mapping[str, object]) -> list[_Found]:
    steps, epochs = _number(training.get("max_steps")), _number(training.get("num_train_epochs"))
    found: list[_Found] = []
    if steps is not None and steps > 0 and epochs is not None:
        what = f"is {steps:g}, but num_train_epochs is {epochs:g}; only one can say how long to train"
        found.append(("training.max_steps", what, "remove one of the two"))
    if steps == 0:
        found.append(("training.max_steps", "is 0, so nothing would be learned", "remove it, or set 1 or more"))
    look = _number(training.get("eval_steps"))
    if steps is not None and look is not None and 0 < steps < look:
        what = f"is {look:g}, but training ends after {steps:g} steps, so it never looks"
        found.append(("training.eval_steps", what, f"set at most {steps:g}"))
    return found


def _shares(data: Mapping[str, object]) -> list[_Found]:
    found: list[_Found] = []
    # A share counts only where no files are named for it.
    used = {name: 0.0 if data.get(name) else _share(data, name) for name in ("valid", "test")}
    total = used["valid"] + used["test"]
    if total >= 1 and max(used.values()) < 1:
        field = "data.test_share" if "test_share" in data else "data.valid_share"
        what = f"valid_share {used['valid']:g} and test_share {used['test']:g} leave nothing to train on"
        found.append((field, what, "make them less than 1 together, for example 0.1 and 0.2"))
    for name in ("valid", "test"):
        if data.get(name) and _number(data.get(f"{name}_share")) is not None:
            what = f"is set, but {name} files are named, so nothing is split off"
            found.append((f"data.{name}_share", what, f"remove it, or remove `{name}`"))
    return found


def _share(data: Mapping[str, object], name: str) -> float:
    value = _number(data.get(f"{name}_share"))
    return {"valid": 0.1, "test": 0.2}[name] if value is None else value


def _nothing_held_out(data: Mapping[str, object]) -> list[_Found]:
    why = {"valid": "choose a checkpoint with", "test": "judge the result with"}
    return [
        (
            f"data.{name}_share",
            f"is 0 and no `{name}` files are named, so there is nothing to {purpose}",
            f"name `{name}` files, or give a share such as 0.1",
        )
        for name, purpose in why.items()
        if not data.get(name) and _number(data.get(f"{name}_share")) == 0
    ]


def _same_file(data: Mapping[str, object], base_dir: Path) -> list[_Found]:
    files = {name: _names(data.get(name)) for name in _SPLITS}
    found: list[_Found] = []
    for first, second in combinations(_SPLITS, 2):
        found += [
            (f"data.{second}", f"`{name}` is also in data.{first}", "conversations must be in one of them only")
            for name in files[second]
            if name in files[first] and not (base_dir / name).is_dir()  # each part takes its own files of a folder
        ]
    for split, names in files.items():
        twice = sorted({name for name in names if names.count(name) > 1})
        found += [(f"data.{split}", f"`{name}` is named twice", "name each file once") for name in twice]
    return found


def _mixed_twice(data: Mapping[str, object]) -> list[_Found]:
    """Files of further datasets that are named elsewhere, too."""
    owner = {name: f"data.{split}" for split in _SPLITS for name in _names(data.get(split))}
    found: list[_Found] = []
    further = data.get("mix")
    for number, one in enumerate(further if isinstance(further, list) else ()):
        field = f"data.mix[{number}].files"
        for name in _names(one.get("files")) if isinstance(one, dict) else ():
            if name in owner:
                held_out = owner[name] in ("data.valid", "data.test")
                weigh = "name it once; `weight` says how often it is learned"
                hint = "conversations must be in one of them only" if held_out else weigh
                found.append((field, f"`{name}` is also in {owner[name]}", hint))
            owner[name] = field
    return found


def _texts(data: Mapping[str, object], training: Mapping[str, object]) -> list[_Found]:
    """Texts that are named as dialogues, too, or asked for without being there."""
    names = _names(data.get("texts"))
    dialogues = {name: split for split in _SPLITS for name in _names(data.get(split))}
    found = [
        ("data.texts", f"`{name}` is also in data.{dialogues[name]}", "dialogues are learned as such; name it once")
        for name in names
        if name in dialogues
    ]
    found += [
        ("data.texts", f"`{name}` is named twice", "name it once; training.text_epochs says how often it is learned")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    asked = _number(training.get("text_epochs"))
    if not names and asked is not None and asked != 1:
        found.append(("training.text_epochs", "is set, but data.texts names no files", "remove it, or name texts"))
    return found


def _names(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [str(Path(item)) for item in items if isinstance(item, str | Path)]
