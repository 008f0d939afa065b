"""An evaluation leaves three files, each made from the same report."""

import os

import pytest

from chatforge.evaluation import files, report


def test_all_files_are_written_and_the_report_reads_back(run, make_report):
    found = make_report()
    files.write(run, found)
    assert sorted(path.name for path in run.evaluation.iterdir()) == ["items.csv", "report.html", "report.json"]
    assert report.read(run.evaluation / report.FILE) == found


def test_lines_end_as_the_writer_ended_them(run, make_report):
    files.write(run, make_report())
    assert b"\r\n" in (run.evaluation / "items.csv").read_bytes()
    assert b"\r" not in (run.evaluation / "report.html").read_bytes()


def test_a_file_that_cannot_be_written_leaves_the_old_one(run, make_report, monkeypatch):
    files.write(run, make_report())
    before = (run.evaluation / "report.html").read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        files.write_page(run, make_report(-0.12))
    assert (run.evaluation / "report.html").read_bytes() == before
    assert len(list(run.evaluation.iterdir())) == 3
