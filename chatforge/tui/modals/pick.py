"""Choose a file or folder: type or paste its path, or walk to it in a tree."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import DirectoryTree, Input, Static, Tree
from textual.widgets.directory_tree import DirEntry

from chatforge.paths import expand
from chatforge.tui.modals.window import Window
from chatforge.tui.turn import in_turn
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


class PickFile(Window[Path | None]):
    """Let the user choose; returns the path, or None on escape.

    Args:
        title: what is wanted, in a few words.
        start: where to begin; its nearest folder that exists is shown, and relative paths begin there.
        suffixes: endings of the files that may be chosen, such as (".jsonl",); () allows every file, and folders.
    """

    DEFAULT_CSS = """
    PickFile { align: center middle; }
    PickFile > Vertical { width: 76; max-width: 96%; height: 90%; max-height: 30; padding: 0 1;
        border: round $accent; background: $surface; }
    PickFile Input { border: none; height: 1; padding: 0; background: $boost; margin-top: 1; }
    PickFile .error { height: auto; min-height: 1; max-height: 3; color: $text-error; }
    PickFile DirectoryTree { height: 1fr; background: $surface; }
    PickFile .keys { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", id="pick.leave"),
        Binding("ctrl+n", "choose", "Choose", id="pick.choose", priority=True),
        Binding("backspace", "up", "Folder above", id="pick.up", show=False),
    ]

    def __init__(self, title: str, start: Path, suffixes: tuple[str, ...]) -> None:
        super().__init__()
        self._title = title
        self._start = nearest_folder(start)
        self._suffixes = tuple(suffix.lower() for suffix in suffixes)

    def compose(self) -> ComposeResult:
        """The field, what is wrong with it, the tree, the keys."""
        with Vertical() as box:
            box.border_title = self._title
            yield PathInput(self._start, self._suffixes)
            yield Told(classes="error")
            yield FilteredTree(self._start, self._suffixes)
            yield Static(
                "enter Choose   tab Complete, list   backspace Folder above   esc Leave",
                classes="keys", markup=False,
            )  # fmt: skip

    def on_mount(self) -> None:
        """Begin in the field, ready for a paste."""
        self.query_one(PathInput).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._complain("")
        tree = self.query_one(FilteredTree)
        if not self.query_one(PathInput).has_focus:
            return
        folder = nearest_folder(as_path(event.value, self._start)) if event.value.strip() else self._start
        if folder != Path(tree.path):
            tree.path = folder

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    @on(Tree.NodeHighlighted)
    def _highlighted(self, event: Tree.NodeHighlighted[DirEntry]) -> None:
        entry = event.node.data
        if entry and self.query_one(FilteredTree).has_focus:
            # A name that steers the terminal is shown without that, and is chosen in the tree only.
            name = str(entry.path)
            self.query_one(PathInput).value = name if plain(name) == name else ""

    @on(DirectoryTree.FileSelected)
    def _selected(self, event: DirectoryTree.FileSelected) -> None:
        event.stop()
        self._choose(event.path)

    def action_choose(self) -> None:
        """Take what stands in the field."""
        in_turn(self, self._take)

    def _take(self) -> None:
        field = self.query_one(PathInput)
        if not field.value.strip():
            self._complain("type or paste a path, or go to the list with tab")
            return
        completed = field.suggested and bool(trouble_with(as_path(field.value, self._start), self._suffixes))
        if completed:  # what stands there dimmed is what one reads
            field.action_cursor_right()
        path = as_path(field.value, self._start)
        if not completed or not is_folder(path):
            self._choose(path)

    def action_up(self) -> None:
        """Show the folder above."""
        tree = self.query_one(FilteredTree)
        tree.path = Path(tree.path).absolute().parent

    def _choose(self, path: Path) -> None:
        if trouble := trouble_with(path, self._suffixes):
            self._complain(trouble)
        else:
            self.dismiss(path)

    def _complain(self, words: str) -> None:
        self.query_one(".error", Static).update(plain(words, one_line=True))


class PathInput(Input):
    """A field for a path; tab and the right arrow take the completion that is shown dimmed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "Complete", show=False)]

    def __init__(self, start: Path, suffixes: Sequence[str]) -> None:
        super().__init__(placeholder="path of the file", suggester=PathSuggester(start, suffixes), compact=True)

    @property
    def suggested(self) -> bool:
        """Whether more than what was typed stands in the field, as its completion."""
        return bool(self.has_focus and self._suggestion and self.cursor_at_end)

    def action_complete(self) -> None:
        """Take the completion, or go on to the list if there is none."""
        if self.suggested:
            self.action_cursor_right()
        else:
            self.screen.focus_next()


class PathSuggester(Suggester):
    """Completes a path by the first entry of its folder that fits."""

    def __init__(self, start: Path, suffixes: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._start, self._suffixes = start, suffixes

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole path; folders end with a slash."""
        head, _, begun = value.rpartition("/")
        folder = as_path(f"{head}/" if head or value.startswith("/") else ".", self._start)
        try:
            found = sorted(p for p in folder.iterdir() if p.name.startswith(begun) and plain(p.name) == p.name)
        except (OSError, ValueError):
            return None
        shown = [p for p in found if begun.startswith(".") or not p.name.startswith(".")]
        for path in shown:
            if is_folder(path) or fits(path, self._suffixes):
                return value[: len(value) - len(begun)] + path.name + ("/" if is_folder(path) else "")
        return None


class FilteredTree(DirectoryTree):
    """Folders and the files that may be chosen."""

    ICON_NODE = "+ "
    ICON_NODE_EXPANDED = "- "
    ICON_FILE = "  "

    def __init__(self, path: Path, suffixes: Sequence[str]) -> None:
        super().__init__(path)
        self._suffixes = suffixes

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Leave out hidden entries and files of other kinds."""
        return [p for p in paths if not p.name.startswith(".") and (is_folder(p) or fits(p, self._suffixes))]

    def process_label(self, label: str | Text) -> Text:
        """A name may hold whatever a file system allows."""
        return Text(plain(str(label), one_line=True) or "?")


def as_path(text: str, start: Path) -> Path:
    """The path that a typed or pasted text means: quotes, `file://`, `~` and backslashed spaces are understood."""
    words = text.strip().removeprefix("file://")
    if len(words) > 1 and words[0] == words[-1] and words[0] in "'\"":
        words = words[1:-1]
    try:
        path = start / expand(words)
        unescaped = start / expand(words.replace("\\ ", " "))
        return unescaped if not path.exists() and unescaped.exists() else path
    except (OSError, RuntimeError, ValueError):  # a name too long, a user who does not exist, a zero byte
        return start / words.replace("\x00", "")


def trouble_with(path: Path, suffixes: Sequence[str]) -> str | None:
    """Why a path cannot be chosen, in words; None if it can."""
    try:
        path.stat()
        if path.is_dir():
            return f"{path.name or path} is a folder: choose a file in it" if suffixes else None
        if not path.is_file():
            return f"{path.name} is not a file"
        if not fits(path, suffixes):
            return f"{path.name} does not end in {' or '.join(suffixes)}"
        with path.open("rb"):
            return None
    except FileNotFoundError:
        return f"there is no file {path}"
    except (OSError, ValueError) as error:
        return f"{path} cannot be opened: {getattr(error, 'strerror', None) or error}"


def fits(path: Path, suffixes: Sequence[str]) -> bool:
    """Whether a file's ending is one of those asked for."""
    return not suffixes or path.name.lower().endswith(tuple(suffixes))


def is_folder(path: Path) -> bool:
    """Whether it is a folder that can be looked at."""
    try:
        return path.is_dir()
    except OSError:
        return False


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the nearest one above that exists."""
    path = expand(path).absolute()
    return next((p for p in (path, *path.parents) if is_folder(p)), Path.home())
