"""What people give ChatForge by mistake, through the real command line: told in words, with place and way out.

A full disk, kills, and two real trainings at once are in tests/workers/.
"""

import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatforge import paths
from chatforge.cli.main import main
from chatforge.evaluation import report as reports
from chatforge.runs import folder, locks, state
from chatforge.runs.events import Note
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events

QUESTION = {"role": "user", "content": "Do you have boots?"}
ANSWER = {"role": "assistant", "content": "Yes, in all sizes."}


@dataclass(frozen=True)
class Shop:
    """A folder with a recipe, its data and a small model that is never trained; paths are as a person types them."""

    folder: Path
    data: Path

    def write(self, *, base: str = "./model", more: str = "") -> Path:
        path = self.folder / "shop.yaml"
        text = f"preset: quick\nmodel:\n  base: {base}\ndata:\n  train: talk.jsonl\n  system: You help.\n{more}"
        path.write_text(text, encoding="utf-8")
        return path

    def put(self, line: int, content: object) -> None:
        """Replace a line (from 1) of the data."""
        lines = self.data.read_text(encoding="utf-8").splitlines()
        lines[line - 1] = content if isinstance(content, str) else json.dumps(content)
        self.data.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Told:
    """What one command line said."""

    code: int
    out: str
    err: str


Cli = Callable[..., Told]


@pytest.fixture
def chatforge(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line; whatever happens, no trace and nothing that steers the terminal comes out."""

    def run(*words: object) -> Told:
        code = main([str(word) for word in words])
        told = Told(code, *capsys.readouterr())
        for text in (told.out, told.err):
            assert "Traceback" not in text
            assert "bug in ChatForge" not in text
            assert not [sign for sign in text if sign != "\n" and not sign.isprintable()]
        return told

    return run


@pytest.fixture
def refused(chatforge: Cli, shop: Shop) -> Callable[..., str]:
    """Run a command line that must fail with exit code 1 and make no run; return what was said."""

    def run(*words: object) -> str:
        told = chatforge(*words)
        assert (told.code, told.out) == (1, "")
        assert told.err.startswith("error: ")
        assert "    → " in told.err, "says what to do next"
        assert not (shop.folder / "runs").exists()
        return told.err

    return run


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_conversations: Callable[..., Path]) -> Shop:
    place = tmp_path / "shop"
    make_model(place / "model")
    monkeypatch.chdir(place)
    found = Shop(place, write_conversations(place / "talk.jsonl", 30))
    found.write()
    return found


def make_model(path: Path) -> None:
    """Write a folder that passes for a model until it is loaded."""
    path.mkdir(parents=True)
    (path / "config.json").write_text('{"model_type": "llama"}')
    (path / "tokenizer.json").write_text("{}")
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))


def talk(*messages: dict[str, str]) -> dict[str, object]:
    return {"messages": list(messages)}


# Data files that are no dialogue files at all


@pytest.mark.parametrize("content", [b"", b"\n \n\n"], ids=["empty", "blank lines"])
def test_an_empty_data_file(shop: Shop, refused: Callable[..., str], content: bytes) -> None:
    shop.data.write_bytes(content)
    assert f"{shop.data}: the file is empty" in refused("run", "shop.yaml")


def test_a_binary_data_file(shop: Shop, refused: Callable[..., str]) -> None:
    shop.data.write_bytes(b"\x7fELF\x00\x00" + bytes(range(256)))
    assert f"{shop.data}:1: the file is binary, not text" in refused("run", "shop.yaml")
    shop.data.write_bytes(b"PK\x03\x04\x00\x00" + bytes(range(256)))
    assert f"{shop.data}: this is a ZIP archive or an Excel workbook" in refused("run", "shop.yaml")


def test_a_data_file_in_another_encoding(shop: Shop, refused: Callable[..., str]) -> None:
    line = json.dumps(talk(QUESTION, ANSWER | {"content": "Größe 43"}), ensure_ascii=False)
    shop.data.write_bytes((shop.data.read_text() + line + "\n").encode("latin-1"))
    told = refused("run", "shop.yaml")
    assert f"{shop.data}:31: not UTF-8: byte 0xf6 at column" in told
    assert "save it as UTF-8" in told


def test_a_data_file_without_dialogues(shop: Shop, refused: Callable[..., str]) -> None:
    labels = shop.folder / "labels.csv"
    labels.write_text("text,label\nwhere is my card,card_arrival\nI lost it,lost_card\n")
    recipe = shop.folder / "shop.yaml"
    recipe.write_text(recipe.read_text().replace("talk.jsonl", "labels.csv"))
    told = refused("run", "shop.yaml")
    assert f"{labels}:2: questions with labels" in told
    assert "no replies" in told


def test_a_data_file_of_a_form_that_it_is_not(shop: Shop, refused: Callable[..., str]) -> None:
    shop.data.write_text('{"instruction": "a", "output": "b"}\n{"instruction": "c", "output": "d"}\n')
    recipe = shop.folder / "shop.yaml"
    recipe.write_text(recipe.read_text().replace("data:\n", "data:\n  type: messages\n"))
    told = refused("run", "shop.yaml")
    assert f"{shop.data}:2: no `messages` list, found 'instruction', 'output'" in told
    assert '→ write each conversation as one line: {"messages": [{"role": "user"' in told
    assert "skip" not in told, "there would be nothing left"


# Lines that are no conversations


def test_broken_json_on_line_7(shop: Shop, refused: Callable[..., str]) -> None:
    whole = json.dumps(talk(QUESTION, ANSWER))
    shop.put(7, whole[:-1])
    told = refused("run", "shop.yaml")
    assert f"{shop.data}:7: broken JSON at column {len(whole)}: " in told
    assert "→ mend it, or set `bad_lines: skip` in the recipe to go on without it" in told


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([QUESTION, QUESTION, ANSWER], "roles don't alternate: message 2 is user, not assistant"),
        ([ANSWER, QUESTION], "roles don't alternate: message 1 is assistant, not user"),
        ([QUESTION], "no assistant turn: nothing to learn from"),
        ([QUESTION | {"content": "x" * 100_000}, ANSWER], "message 1 (user) has 100,000 characters; the limit is"),
        ([QUESTION | {"role": "usr"}, ANSWER], "message 1: unknown role 'usr', did you mean `user`?"),
    ],
    ids=["two users", "assistant first", "no assistant", "100 000 characters", "unknown role"],
)
def test_a_line_that_is_no_conversation(
    shop: Shop, refused: Callable[..., str], messages: list[dict[str, str]], said: str
) -> None:
    shop.put(12, talk(*messages))
    told = refused("run", "shop.yaml")
    assert f"error: {shop.data}:12: {said}" in told
    assert "field `data.bad_lines`: 1 bad line in all" in told
    assert len(told) < 500, "the message itself is not printed"


def test_many_bad_lines_are_counted_not_poured_out(shop: Shop, refused: Callable[..., str]) -> None:
    shop.data.write_text(shop.data.read_text() + "{\n" * 1000)
    told = refused("recipe", "check", "shop.yaml")
    assert "980 more bad lines; 1000 bad lines in all" in told
    assert len(told.splitlines()) < 25


def test_bad_lines_are_skipped_and_counted_if_the_recipe_says_so(shop: Shop, chatforge: Cli) -> None:
    shop.put(7, "{broken")
    shop.put(9, talk(QUESTION))
    shop.write(more="  bad_lines: skip\n")
    told = chatforge("recipe", "check", "shop.yaml")
    assert told.code == 0
    assert (
        "note: 2 bad lines skipped, as the recipe says (bad_lines: skip); first talk.jsonl:7: broken JSON" in told.out
    )
    assert "nothing is wrong" in told.out


@pytest.mark.parametrize(
    "line",
    ['{"\x1b]0;mine\x07\x1b[2J": 1}', '{"messages": [{"role": "u\\u001b[31m\\u202e", "content": "a"}]}', "\x1b[5mhi"],
    ids=["key", "role", "line"],
)
def test_escapes_in_a_bad_line_never_reach_the_terminal(shop: Shop, refused: Callable[..., str], line: str) -> None:
    shop.put(3, line)
    assert f"{shop.data}:3: " in refused("run", "shop.yaml")


def test_escapes_in_a_file_name_never_reach_the_terminal(shop: Shop, refused: Callable[..., str]) -> None:
    name = "talk\x1b]0;mine\x07\x1b[31m.jsonl"
    shop.data.with_name(name).write_text("{\n")
    recipe = shop.write()
    recipe.write_text(recipe.read_text().replace("talk.jsonl", json.dumps(name)))
    assert "talk.jsonl:1: broken JSON" in refused("run", "shop.yaml")


def test_escapes_in_replies_never_reach_the_terminal(
    chatforge: Cli, shop: Shop, make_report: Callable[[], reports.Report]
) -> None:
    run = folder.create(Path("runs"), "shop", "preset: quick\n")
    run.evaluation.mkdir(exist_ok=True)
    folder.write_json(run.evaluation / reports.FILE, make_report().to_json())
    told = chatforge("report", run.id)
    assert told.code == 0
    assert "[bold]red[/bold]" in told.out, "the harmless rest is shown as it is"


# Recipes


def test_three_mistakes_in_a_recipe_are_told_at_once(shop: Shop, refused: Callable[..., str]) -> None:
    Path("three.yaml").write_text(
        "data:\n  train: tlak.jsonl\ntraining:\n  learning_rat: 0.001\nadaptation:\n  method: qlorra\n"
    )
    told = refused("run", "three.yaml")
    assert "three.yaml:2: field `data.train`: there is no file `tlak.jsonl`\n    → did you mean `talk.jsonl`?" in told
    assert (
        "three.yaml:4: field `training.learning_rat`: is not a known field\n    → did you mean `learning_rate`?" in told
    )
    assert (
        "three.yaml:6: field `adaptation.method`: should be 'lora', 'qlora' or 'full', found the text `qlorra`" in told
    )
    assert told == refused("recipe", "check", "three.yaml"), "the check says the same"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("e.yaml", b"", "e.yaml: is empty"),
        ("b.yaml", b"\x00\x01", "b.yaml: is not a text file"),
        ("l.yaml", "a: 1\nname: Größe\n".encode("latin-1"), "l.yaml:2: is not UTF-8 text"),
        ("t.yaml", b"data:\n\ttrain: x\n", "t.yaml:2: is not valid YAML: a tab is used"),
        (
            "talk.jsonl",
            b'{"messages": []}\n',
            "→ write a recipe for it: chatforge recipe new my.yaml --train talk.jsonl",
        ),
    ],
)
def test_a_file_that_is_no_recipe(
    shop: Shop, refused: Callable[..., str], name: str, content: bytes, said: str
) -> None:
    Path(name).write_bytes(content)
    assert said in refused("run", name)


def test_an_unknown_recipe(refused: Callable[..., str]) -> None:
    assert "shoop.yaml: there is no such file\n    → did you mean `shop.yaml`?" in refused("run", "shoop.yaml")


def test_a_new_recipe_says_that_its_data_is_not_there(chatforge: Cli, shop: Shop) -> None:
    assert "There is no tlak.jsonl yet" in chatforge("recipe", "new", "new.yaml", "--train", "tlak.jsonl").err
    assert chatforge("recipe", "new", "newer.yaml", "--train", "talk.jsonl").err == ""


# Models


def test_a_model_folder_without_a_tokenizer(shop: Shop, refused: Callable[..., str]) -> None:
    (shop.folder / "model" / "tokenizer.json").unlink()
    told = refused("run", "shop.yaml")
    place = shop.folder / "model"
    assert f"error: shop.yaml:3: field `model.base`: {place}: the folder has no tokenizer\n    → copy tokenizer" in told


def test_pickled_weights_are_refused(shop: Shop, refused: Callable[..., str]) -> None:
    (shop.folder / "model" / "model.safetensors").unlink()
    (shop.folder / "model" / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    told = refused("run", "shop.yaml")
    assert "shop.yaml:3: field `model.base`:" in told
    assert "the weights are pickled (pytorch_model.bin) and are not read" in told
    assert "safetensors" in told
    assert not (shop.folder / "pwned").exists()


def test_an_adapter_is_no_base(shop: Shop, refused: Callable[..., str]) -> None:
    (shop.folder / "model" / "config.json").rename(shop.folder / "model" / "adapter_config.json")
    assert "this is an adapter, not a model\n    → give the base it was trained on" in refused("run", "shop.yaml")


@pytest.mark.parametrize("typed", ["smolm2-135m-instruct", "smolm2", "SmoLM2-135M"])
@pytest.mark.parametrize("words", [["models", "show"], ["models", "fetch"], ["chat", "--base"], ["run"]])
def test_an_unknown_model_name(shop: Shop, refused: Callable[..., str], words: list[str], typed: str) -> None:
    shop.write(base=typed)
    told = refused(*words, "shop.yaml" if words == ["run"] else typed)
    assert f"`{typed}` is no known model" in told
    assert "→ did you mean `smollm2-135m-instruct`?" in told
    assert ("shop.yaml:3: field `model.base`" in told) == (words == ["run"])


# Runs


@pytest.mark.parametrize(
    "command", [["attach"], ["stop"], ["resume"], ["evaluate"], ["report"], ["chat"], ["runs", "rm"]]
)
def test_an_unknown_run(chatforge: Cli, shop: Shop, command: list[str]) -> None:
    none = chatforge(*command, "shp")
    assert (none.code, none.out) == (1, "")
    assert "no run 'shp': there are no runs in the folder runs\n    → start one with `chatforge run" in none.err
    run = folder.create(Path("runs"), "shop", "preset: quick\n")
    assert f"→ did you mean `{run.id}`?" in chatforge(*command, run.id.replace("shop", "shp")).err


def made_run(chatforge: Cli, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run made by the command line whose worker could not be started."""

    def cannot(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    with monkeypatch.context() as patch:
        patch.setattr("chatforge.runs.launch.subprocess.Popen", cannot)
        assert chatforge("train", "shop.yaml").code == 1
    (run,) = folder.list_runs(Path("runs"))
    return run


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.write_text(data.read_text().replace("boots", "socks")), "has changed since the run began"),
        (lambda data: data.unlink(), "is missing"),
    ],
    ids=["changed", "deleted"],
)
def test_a_run_is_not_resumed_with_other_data(
    chatforge: Cli, shop: Shop, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object], said: str
) -> None:
    run = made_run(chatforge, monkeypatch)
    change(shop.data)
    told = chatforge("resume", run.id)
    assert told.code == 1
    assert (
        f"error: {shop.data}: field `data`: {said}\n    → put the file back as it was, or start a new run" in told.err
    )
    assert state.status(run) == "new", "nothing was started"


def test_the_second_of_two_trainers_waits_and_says_so(
    chatforge: Cli, shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locks.exclusive(paths.train_lock(home), owner="run 0101-other-a"):
        assert chatforge("train", "shop.yaml", "--detach").code == 0
        (run,) = folder.list_runs(Path("runs"))
        deadline = time.monotonic() + 30
        while not (notes := [s.event for s in read_events(run.events("train")) if isinstance(s.event, Note)]):
            assert time.monotonic() < deadline and state.alive(run, "train")
            time.sleep(0.05)
        assert notes == [Note("waiting for run 0101-other-a: one training at a time")]
        assert "waiting" in chatforge("runs").out
        assert chatforge("stop", run.id).code == 0
        assert not state.alive(run, "train")


# Usage


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "First steps:"),
        (["trian", "shop.yaml"], "no command 'trian': did you mean `train`?"),
        (["run"], "Missing argument 'RECIPE'"),
        (["run", "shop.yaml", "--detatch"], "Did you mean '--detach'?"),
        (["run", "shop.yaml", "--detach", "--fail-unless", "better"], "--fail-unless needs the end of the work"),
        (["recipe", "exlain", "shop.yaml"], "Did you mean 'explain'?"),
        (["chat", "a-run", "--base", "x"], "name a run or give --base, not both"),
        (["chat", "--max-new-tokens", "many"], "'many' is not a valid integer"),
    ],
)
def test_wrong_usage_is_2(chatforge: Cli, shop: Shop, words: list[str], said: str) -> None:
    told = chatforge(*words)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert not (shop.folder / "runs").exists()
