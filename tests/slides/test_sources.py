"""Files, folders and patterns become image files."""

import os
from pathlib import Path

import pytest
from image_files import encode, tissue, write

from her2scope.slides.sources import distinct_names, find_images

PNG = encode(tissue())


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*arguments):
    sources = find_images(arguments)
    assert sources.problems == ()
    return [str(path) for path in sources.paths]


def test_files_are_taken_in_the_order_given(here):
    assert found("b.png", "a.png", "none.tif") == ["b.png", "a.png", "none.tif"]


def test_a_folder_stands_for_its_images_sorted(here):
    (here / "in" / "sub").mkdir(parents=True)
    for name in ("b.png", "a.TIF", "content", "c.jpg", "sub/d.png", "-x.png", "two\nlines.png"):
        write(here / "in" / name, PNG)
    write(here / "in" / "truth.csv", b"x_px,y_px\n")
    write(here / "in" / ".hidden.png", PNG)
    write(here / "in" / "broken.png", b"text")
    (here / "in" / "dangling.png").symlink_to("gone")
    (here / "in" / "dangling").symlink_to("gone")
    os.mkfifo(here / "in" / "pipe")
    names = ["-x.png", "a.TIF", "b.png", "broken.png", "c.jpg", "content", "dangling.png", "two\nlines.png"]
    assert found("in") == [f"in/{name}" for name in names]


def test_a_pattern_that_no_shell_expanded(here):
    (here / "deep" / "er").mkdir(parents=True)
    for name in ("f2.png", "f1.png", "g.tif", "deep/f3.png", "deep/er/f4.png"):
        write(here / name, PNG)
    assert found("f*.png") == ["f1.png", "f2.png"]
    assert found("f[2-9].png") == ["f2.png"]
    assert found("*/*.png") == ["deep/f3.png"]
    assert found("**/f*.png") == ["deep/er/f4.png", "deep/f3.png", "f1.png", "f2.png"]
    assert found("*") == ["f1.png", "f2.png", "g.tif"]


@pytest.mark.parametrize("name", ["[a].png", "what?.png", "*.png"])
def test_a_file_named_like_a_pattern_is_that_file(here, name):
    write(here / name, PNG)
    write(here / "a.png", PNG)
    assert found(name) == [name]


def test_a_file_named_twice_is_one(here):
    write(here / "a.png", PNG)
    (here / "link.png").symlink_to("a.png")
    assert found("a.png", "./a.png", str(here / "a.png"), "*.png", ".", "link.png") == ["a.png"]


def test_problems_leave_the_other_files(here):
    (here / "empty").mkdir()
    sources = find_images(["empty", "a.png", "*.none"])
    assert [str(path) for path in sources.paths] == ["a.png"]
    assert [str(problem) for problem in sources.problems] == [
        "empty: no image in this folder; give a folder with PNG, JPEG or TIFF files.",
        "*.none: no file matches this pattern; check it and the folder.",
    ]


def test_a_folder_that_may_not_be_read(here, monkeypatch):
    (here / "in").mkdir()
    monkeypatch.setattr(
        "pathlib.Path.iterdir", lambda _: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    assert "may not be read (Permission denied)" in str(find_images(["in"]).problems[0])


def test_a_name_with_a_nul_is_left_to_the_reader(here):
    assert found("a\0b.png") == ["a\0b.png"]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/d/a.png", "/d/b.png"], ("a.png", "b.png")),
        (["/d/x/a.png", "/d/y/a.png", "/d/y/b.png"], ("x/a.png", "y/a.png", "b.png")),
        (["/p/x/a.png", "/q/x/a.png", "/q/y/a.png"], ("p/x/a.png", "q/x/a.png", "y/a.png")),
        (["/a.png", "/d/a.png"], ("a.png", "d/a.png")),
        (["/d/x/../a.png"], ("a.png",)),
    ],
)
def test_names_tell_files_apart(paths, names):
    assert distinct_names([Path(path) for path in paths]) == names
