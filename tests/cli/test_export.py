import json

import pytest

from chatforge.cli.main import main


@pytest.fixture
def export(learned_run, runs_dir):
    def call(*more):
        return main(["export", learned_run.id, "--runs", str(runs_dir), *map(str, more)])

    return call


def test_export_writes_beside_the_run_and_says_where(export, learned_run, capsys):
    assert export() == 0
    said = capsys.readouterr()
    place = learned_run.exports / "adapter"
    assert (place / "README.md").is_file()
    assert str(place.resolve()) in "".join(said.out.split("\n"))
    assert "adapter_model.safetensors" in said.err and "10 KB" in said.err


def test_export_to_a_folder_of_ones_own_as_json(export, tmp_path, capsys):
    assert export("--to", tmp_path / "mine", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["path"] == str(tmp_path / "mine")
    assert told["files"]["adapter_model.safetensors"] == 10240


def test_an_earlier_export_is_only_replaced_on_request(export, tmp_path, capsys):
    assert export("--to", tmp_path / "mine") == 0
    assert export("--to", tmp_path / "mine") == 1
    assert "an earlier export is there" in capsys.readouterr().err
    assert export("--to", tmp_path / "mine", "--replace") == 0


def test_other_files_are_never_replaced(export, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("x")
    assert export("--to", tmp_path / "mine", "--replace") == 1
    assert "other files" in capsys.readouterr().err


def test_a_run_that_has_not_learned_says_so(run, runs_dir, capsys):
    assert main(["export", run.id, "--runs", str(runs_dir)]) == 1
    assert "nothing has been learned" in capsys.readouterr().err
