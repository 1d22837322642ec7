"""Results arrive whole or not at all, and inside their folder."""

import errno
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.base.errors import OutputError
from her2scope.report.files import FileNames, ResultFolder, safe_stem, write_whole


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def disk_that_fails(monkeypatch, number, at=1):
    """Let the disk refuse the `at`-th file."""
    calls = []

    def fsync(_):
        calls.append(1)
        if len(calls) >= at:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", fsync)


class TestResultFolder:
    def test_files_arrive_together(self, tmp_path):
        with ResultFolder(tmp_path / "new" / "out") as folder:
            folder.write("case.json", b"{}")
            folder.write("overlays/a.png", b"png")
            assert not (tmp_path / "new" / "out" / "case.json").exists()
        assert contents(tmp_path) == {"new/out/case.json": b"{}", "new/out/overlays/a.png": b"png"}

    def test_files_are_replaced_and_others_stay(self, tmp_path):
        (tmp_path / "case.json").write_bytes(b"old")
        (tmp_path / "mine.txt").write_bytes(b"mine")
        with ResultFolder(tmp_path) as folder:
            folder.write("case.json", b"first")
            folder.write("case.json", b"new")
        assert contents(tmp_path) == {"case.json": b"new", "mine.txt": b"mine"}

    @pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OutputError])
    def test_nothing_arrives_when_something_is_raised(self, tmp_path, error):
        (tmp_path / "case.json").write_bytes(b"old")

        def fail():
            with ResultFolder(tmp_path) as folder:
                folder.write("case.json", b"new")
                raise error

        with pytest.raises(error):
            fail()
        assert contents(tmp_path) == {"case.json": b"old"}
        assert [path.name for path in tmp_path.iterdir()] == ["case.json"]

    def test_folders_made_in_vain_are_removed(self, tmp_path):
        def fail():
            with ResultFolder(tmp_path / "new" / "out"):
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
    def test_a_disk_that_fails_leaves_the_old_results(self, tmp_path, monkeypatch, number):
        (tmp_path / "case.json").write_bytes(b"old")
        disk_that_fails(monkeypatch, number, at=2)

        def write():
            with ResultFolder(tmp_path) as folder:
                folder.write("overlays/a.png", b"png")
                folder.write("case.json", b"new")

        with pytest.raises(OutputError) as caught:
            write()
        assert str(caught.value).startswith(f"{tmp_path}: cannot be written ({os.strerror(number)}); ")
        assert contents(tmp_path) == {"case.json": b"old"}

    def test_a_file_too_large_for_its_disk(self, tmp_path):
        """The system itself refuses, in a process that may write no more than 10 kB a file."""
        code = (
            "import resource, sys\n"
            "from her2scope.report.files import write_whole\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
            "write_whole(sys.argv[1], bytes(50_000))\n"
        )
        target = tmp_path / "case.json"
        run = subprocess.run([sys.executable, "-c", code, target], capture_output=True, text=True, check=False)
        assert "OutputError" in run.stderr
        assert "File too large" in run.stderr
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("folder", ["file", "file/below", "/proc/none", "/dev/null", "a\0b", "x" * 300])
    def test_folders_that_cannot_be(self, tmp_path, folder):
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(OutputError, match="cannot be written"), ResultFolder(tmp_path / folder):
            pytest.fail("the block must not run")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_a_folder_that_can_be_made_but_not_filled(self, tmp_path, monkeypatch):
        monkeypatch.setattr(
            "tempfile.mkdtemp", lambda **_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(OutputError, match="No space left"), ResultFolder(tmp_path / "new" / "out"):
            pytest.fail("the block must not run")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["../out.png", "/etc/out.png", "a/../../out.png", "..", ""])
    def test_names_that_lead_out(self, tmp_path, name):
        with ResultFolder(tmp_path) as folder, pytest.raises(OutputError, match="leads out of"):
            folder.write(name, b"")

    def test_a_folder_in_the_way(self, tmp_path):
        (tmp_path / "case.json").mkdir()

        def write():
            with ResultFolder(tmp_path) as folder:
                folder.write("cells.csv", b"")
                folder.write("case.json", b"")

        with pytest.raises(OutputError, match="not a file that can be replaced"):
            write()
        assert contents(tmp_path) == {}

    def test_a_device_is_not_replaced(self):
        with pytest.raises(OutputError, match="not a file that can be replaced"):
            write_whole("/dev/null", b"")
        assert not Path("/dev/null").is_file()


class TestWriteWhole:
    def test_writes_one_file(self, tmp_path):
        write_whole(tmp_path / "new" / "a.csv", b"x")
        assert contents(tmp_path) == {"new/a.csv": b"x"}

    def test_in_the_current_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        write_whole("a.csv", b"x")
        assert contents(tmp_path) == {"a.csv": b"x"}


class TestNames:
    @pytest.mark.parametrize(
        ("name", "stem"),
        [
            ("a.png", "a"),
            ("a b%s'\".tif", "a b%s'\""),
            ("two\nlines.png", "two\nlines"),
            ("-dash.png", "-dash"),
            ("组织.ome.tif", "组织.ome"),
            ("left/a.png", "a"),
            ("../../etc/passwd", "passwd"),
            ("/etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot"),
            ("a\0b.png", "a_b"),
            ("..", "field"),
            (".", "field"),
            ("", "field"),
            ("/", "field"),
            ("../", "field"),
            (".hidden.png", ".hidden"),
        ],
    )
    def test_stems(self, name, stem):
        assert safe_stem(name) == stem

    def test_long_stems_are_cut_and_stay_apart(self):
        first, second = (safe_stem("组" * 200 + end + ".png") for end in "ab")
        assert first != second
        assert max(len(stem.encode()) for stem in (first, second)) <= 200
        assert first.startswith("组" * 60)

    @given(st.lists(st.text(max_size=300), max_size=12))
    def test_any_names_give_files_inside_their_folder_each_its_own(self, names):
        taker = FileNames()
        files = [taker.take(name, ".png") for name in names]
        keys = {unicodedata.normalize("NFC", file).casefold() for file in files}
        assert len(keys) == len(names)
        for file in files:
            assert "/" not in file
            assert "\0" not in file
            assert file not in (".", "..")
            assert len(file.encode("utf-8", "surrogateescape")) < 240

    def test_taken_names_get_a_number(self):
        taker = FileNames()
        taken = [taker.take(name, ".png") for name in ("a.png", "left/a.tif", "A.jpg", "a_2.png", "a.x")]
        assert taken == ["a.png", "a_2.png", "A_3.png", "a_2_2.png", "a_4.png"]

    def test_suffixes_are_part_of_the_name(self):
        taker = FileNames()
        assert taker.take("a.png", "_patches.png") == "a_patches.png"
        assert taker.take("a_patches.png", ".png") == "a_patches_2.png"
