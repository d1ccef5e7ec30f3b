from audition.report.diffs import Room
from audition.report.handed_over import MOST_FILES, HandedOver, handed_over
from tests.working import BASE, Work


def handed(work: Work) -> HandedOver:
    return handed_over(work.end(), Room())


def said(work: Work) -> str:
    return " ".join(handed(work).states)


def test_an_untouched_workspace_is_said_to_be_one() -> None:
    view = handed(Work())

    assert "nothing was committed" in view.states[0]
    assert "The working tree is clean" in view.states[1]
    assert (view.files, view.changed, view.diffs) == (len(BASE), 0, ())


def test_files_are_listed_by_folder_with_what_became_of_them() -> None:
    view = handed(Work().writes("shop/new.py", "x").removes("shop/cart.py").writes("a.md", "x"))

    folders = {folder.name: folder for folder in view.folders}
    assert list(folders) == ["./", "shop/", "tests/"]
    assert [(file.name, file.sign) for file in folders["shop/"].files] == [
        ("__init__.py", ""),
        ("cart.py", "D"),
        ("new.py", "A"),
    ]
    assert (folders["shop/"].changed, folders["tests/"].changed) == (2, 0)
    assert [diff.path for diff in view.diffs] == ["a.md", "shop/cart.py", "shop/new.py"]


def test_what_git_does_not_hold_is_said_by_kind() -> None:
    words = said(
        Work()
        .writes("shop/new.py", "x")
        .commits()
        .writes("left.txt", "x")
        .writes("shop/cart.py", "y")
        .removes("tests/test_cart.py")
        .writes("debug.log", "z")
    )

    assert "1 commit after the base" in words
    assert "Untracked: left.txt." in words
    assert "Changed and not committed: shop/cart.py." in words
    assert "Deleted and not committed: tests/test_cart.py." in words
    assert "Ignored by git: debug.log." in words


def test_a_branch_of_its_own_is_said() -> None:
    words = said(Work().switches("feature/x").writes("a.py", "1").commits())

    assert "HEAD is on feature/x" in words
    assert "The trial began on main." in words


def test_head_is_shown_where_it_has_another_version_than_the_working_tree() -> None:
    view = handed(Work().writes("a.py", "1\n").commits().writes("a.py", "2\n"))

    assert [line.text for line in view.diffs[0].lines if line.sign == "+"] == ["2"]
    assert [line.text for line in view.head_diffs[0].lines if line.sign == "+"] == ["1"]
    assert handed(Work().writes("a.py", "1\n").commits()).head_diffs == ()


def test_of_a_large_tree_the_changed_files_are_listed_first() -> None:
    files = {f"many/{n:05}.txt": "x" for n in range(MOST_FILES + 20)}

    view = handed(Work(files).writes("zz/last.py", "x"))

    assert "last.py" in [file.name for folder in view.folders for file in folder.files]
    assert view.left_off == 21


def test_a_tree_of_any_depth_is_a_list() -> None:
    view = handed(Work().writes("d/" * 3_000 + "x.py", "x"))

    assert all(len(folder.name) < 500 for folder in view.folders)
