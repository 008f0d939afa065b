"""What a chat has to do with training: replies corrected to be trained on, and the conversations trained on before."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatforge.chat import corrections
from chatforge.chat.corrections import Correction
from chatforge.chat.protocol import Mode
from chatforge.chat.transcript import Said, Turn, messages_of, present
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.project.data_files import corrections_of, with_file
from chatforge.project.looking import latest_run
from chatforge.project.nearest import NOT_THE_CAUSE, Answer, Near, Nearby, Nearest, Progress, Start
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder
from chatforge.words import plain

WIDTH = 100
"""Characters that are shown of a training message."""

PROGRESS_EVERY = 1000
"""Training replies between two lines about how many are read."""


@dataclass(frozen=True)
class _Fixed:
    """A correction made in this chat: its number in the file, its place in the history, the reply before and after."""

    file: Path
    number: int
    place: int
    was: str
    text: str


class Training:
    """The training side of one chat.

    Args:
        run: the run that is talked with; None for a base.
        transcript: where the talk is kept.
        tell: shows a line to the user.
        start: makes the client that finds the closest training conversations.
    """

    def __init__(
        self,
        run: RunFolder | None,
        transcript: str | None,
        tell: Callable[[str], None],
        start: Start = Nearest,
    ) -> None:
        self._run = run
        self._transcript = Path(transcript) if transcript else None
        self._tell = tell
        self._start = start
        self._fixed: list[_Fixed] = []
        self._nearby: Nearby | None = None

    def fix(self, text: str) -> tuple[dict[str, str], ...]:
        """Save the last reply as it should have been; return the history with it.

        Raises:
            UserError: there is no reply; the text is no correction; it cannot be saved.
        """
        run, turns, said = self._last()
        rows = messages_of(turns)
        history = tuple(Message(row["role"], row["content"]) for row in rows[:-1])  # type: ignore[arg-type]
        lock, path = lockfile.read(run), corrections.path_for(run)
        base = str(lock.resolved.get("model", {}).get("base", ""))
        count = corrections.save(path, Correction(history, text, said.text, run.id, base))
        self._fixed.append(_Fixed(path, count, len(rows) - 1, said.text.strip(), text.strip()))
        self._tell(f"Saved as correction {count} in {path}")
        self._tell(_how_to_train(Path(lock.recipe["path"]), path))
        return (*rows[:-1], {"role": "assistant", "content": text})

    def check(self, mode: Mode) -> None:
        """See whether the last reply can be corrected, and whether it is the one that is meant.

        Raises:
            UserError: there is none; the adapted model was asked and only the base has answered.
        """
        *_, said = self._last()
        if mode != "base" and said.who == "base":
            hint = "/again has it answered again; /base, then /fix corrects the base's reply"
            raise UserError("the adapted model did not answer the last message", hint=hint)

    def undo(self) -> tuple[dict[str, str], ...]:
        """Take back the last correction of this chat; return the history as it is then, () if the talk has moved on.

        Raises:
            UserError: nothing was corrected here; a run has learned it; the file was changed since.
        """
        if self._run is None or self._transcript is None or not self._fixed:
            raise UserError("nothing was corrected in this chat")
        last, recipe = self._fixed[-1], Path(lockfile.read(self._run).recipe["path"])
        saved = corrections_of(recipe, latest_run(recipe, self._run.path.parent))
        if saved.named and not saved.waiting:
            raise UserError("the newest run has learned that correction", hint=f"it stays in {last.file}")
        left = corrections.take_back(last.file, last.number)
        self._fixed.pop()
        self._tell(f"Taken back; {left} left in {last.file}")
        rows = messages_of(present(self._transcript))
        if last.place >= len(rows) or rows[last.place]["content"] != last.text:
            return ()
        return (*rows[: last.place], {"role": "assistant", "content": last.was}, *rows[last.place + 1 :])

    def closest(self) -> None:
        """Show the training conversations closest to the last reply. Ctrl-C ends the search.

        Raises:
            UserError: there is no reply, or nothing to compare with.
        """
        run, turns, said = self._last()
        nearby = self._nearby = self._nearby or Nearby(run, self._begin)
        try:
            self._show(nearby.ask(said.text, turns[-1].user, self._progress))
        except KeyboardInterrupt:
            nearby.forget()
            self._tell("The search is ended.")

    def close(self) -> None:
        """End what was started."""
        if self._nearby:
            self._nearby.close()

    def _begin(self, run: RunFolder, on_progress: Progress) -> Nearest:
        self._tell("reading the training conversations …")
        return self._start(run, on_progress)

    def _last(self) -> tuple[RunFolder, list[Turn], Said]:
        if self._run is None or self._transcript is None:
            raise UserError("a base alone was not trained here", hint="chat with a run: `chatforge chat RUN`")
        turns = present(self._transcript)
        said = turns[-1].answer if turns else None
        if said is None:
            raise UserError("there is no reply yet")
        return self._run, turns, said

    def _show(self, answer: Answer) -> None:
        for near in answer.near:
            self._tell(_place(near))
            self._tell(f"        you   {_cut(near.user)}")
            self._tell(f"        reply {_cut(near.reply)}")
        self._tell(f"Compared with {answer.compared} training conversations; {NOT_THE_CAUSE}.")
        if answer.note:
            self._tell(answer.note)

    def _progress(self, done: int, total: int) -> None:
        if done == total or done % PROGRESS_EVERY < PROGRESS_EVERY // 4:
            self._tell(f"{done} of {total} replies read")


def _how_to_train(recipe: Path, path: Path) -> str:
    again = f"`chatforge run {shlex.quote(str(recipe))}`"
    try:
        files = with_file(recipe, "train", path)["data.train"]
    except UserError:
        return f"The recipe trains on that file: {again} learns from it."
    words = files if isinstance(files, str) else f"[{', '.join(files)}]"
    return f"To learn from it, press c in the app's Data stage or write train: {words} in the recipe; then {again}"


def _place(near: Near) -> str:
    turn = f", turn {near.turn}" if near.turn > 1 else ""
    return f"{near.score:6.2f}  {near.file.name}:{near.line}{turn}"


def _cut(text: str) -> str:
    line = plain(text, one_line=True)
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
