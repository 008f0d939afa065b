"""How a training looks while it works and afterwards: progress, chart, figures, replies, events. Told what to show."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from chatforge.runs.course import Course, plan_texts
from chatforge.tui import train_words
from chatforge.tui.signs import Signs
from chatforge.tui.train_words import BROKEN, Standing
from chatforge.tui.widgets.chart import LineChart
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


@dataclass(frozen=True)
class Shown:
    """What a view shows.

    Attributes:
        now: seconds since 1970. why: what went wrong; "" if nothing. after: what has followed by itself.
        machine_bytes: memory that a training may fill; None if not known yet.
    """

    course: Course
    standing: Standing
    now: float
    why: str = ""
    after: str = ""
    machine_bytes: int | None = None


class Box(VerticalScroll):
    """A text with a frame that one can scroll; stays at its end if it was there."""

    DEFAULT_CSS = """
    Box { scrollbar-size-vertical: 1; }
    Box > Told { height: auto; }
    """

    def __init__(self, title: str, id: str) -> None:  # noqa: A002 (Textual's word)
        super().__init__(Told(), id=id, classes="box")
        self.border_title = title

    @property
    def room(self) -> int:
        """Cells in a line of text."""
        return self.scrollable_content_region.width

    def say(self, text: Content | str, *, follow: bool = False) -> None:
        """Show a text; `follow`: its end, unless the reader has scrolled away from there."""
        at_end = self.is_vertical_scroll_end
        self.query_one(Told).say(text)
        if follow and at_end:
            self.scroll_end(animate=False)


class TrainingView(Vertical):
    """All that is known of a training. Widgets are drawn anew only where what they say has changed."""

    SCOPED_CSS: ClassVar[bool] = False  # it asks for classes of the screen
    DEFAULT_CSS = """
    TrainingView { height: 1fr; }
    TrainingView #train-progress { height: 3; padding: 0 2; text-wrap: nowrap; text-overflow: ellipsis; }
    TrainingView #train-plan { height: 3; padding: 0 2; color: $text-muted; text-wrap: nowrap;
        text-overflow: ellipsis; }
    TrainingView #train-why { height: auto; max-height: 12; }
    TrainingView #train-middle { height: 2fr; min-height: 8; }
    TrainingView #train-chart { height: 100%; }
    TrainingView #train-figures { width: 31; height: 100%; }
    TrainingView #train-replies { height: 1fr; max-height: 10; }
    TrainingView #train-story { height: 1fr; max-height: 9; }
    TrainingView #train-newest { height: 1; padding: 0 2; display: none; text-wrap: nowrap; text-overflow: ellipsis; }
    .-short TrainingView #train-plan, .-short TrainingView #train-story { display: none; }
    .-short TrainingView #train-newest { display: block; }
    .-short TrainingView #train-replies { height: 5; max-height: 5; }
    .-short TrainingView #train-why { max-height: 6; }
    .-short TrainingView.-broken #train-replies, TrainingView.-broken #train-plan { display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zoom", "Zoom", id="train.zoom", tooltip="Fill the screen with the chart"),
        Binding("x", "smoothing", "Smooth", id="train.smoothing", show=False, tooltip="Raw values or moving average"),
    ]

    def __init__(self, signs: Signs, id: str) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._signs = signs

    def compose(self) -> ComposeResult:
        """Progress, what went wrong, chart and figures, replies, events."""
        yield Told(id="train-progress", fixed=True)
        yield Told(id="train-plan", fixed=True)
        yield Box("Why", "train-why")
        with Horizontal(id="train-middle"):
            chart = LineChart(id="train-chart", classes="box", ascii_only=self._signs.ascii_only, empty="no step yet")
            chart.border_title = "Loss"
            yield chart
            figures = Told(id="train-figures", classes="box", fixed=True)
            figures.border_title = "Now"
            yield figures
        yield Box("Replies to the same prompts", "train-replies")
        yield Box("Events", "train-story")
        yield Told(id="train-newest", fixed=True)

    @property
    def chart(self) -> LineChart:
        """The chart."""
        return self.query_one(LineChart)

    def show(self, shown: Shown) -> None:
        """Show all but the chart."""
        course, short = shown.course, self.screen.has_class("-short")
        self.show_clocks(shown)
        self._say("train-plan", "\n".join(plan_texts(course.plan)) if course.plan else "")
        self._say("train-figures", train_words.figures(course, self._signs, shown.machine_bytes))
        self._say("train-newest", train_words.newest(course))
        self.set_class(shown.standing in BROKEN, "-broken")
        why, replies, story = (self.query_one(f"#train-{name}", Box) for name in ("why", "replies", "story"))
        why.display = bool(shown.why)
        why.say(plain(shown.why))
        replies.say(train_words.replies(course, self._signs, replies.room, brief=short), follow=not short)
        story.say(train_words.story(course, story.room), follow=True)

    def show_clocks(self, shown: Shown) -> None:
        """Show what changes by itself: how long it has taken, how long it will."""
        course, standing = shown.course, shown.standing
        last = train_words.clocks(course, standing, shown.now)
        if shown.after:
            last = Content.styled(shown.after, "$text-success")
        head = train_words.head(course, standing, self._signs, shown.now, self.size.width - 4)
        self._say(
            "train-progress",
            Content("\n").join([head, train_words.phases(course, standing, self._signs, self.size.width - 4), last]),
        )

    def show_chart(self, course: Course) -> None:
        """Show the losses."""
        valid = {step: found.loss for step, found in course.evals.items()}
        best, step = course.best, course.step
        self.chart.show(course.losses, valid, best=best.step if best else None, until=step.total if step else None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A chart without points has nothing to enlarge."""
        return bool(self.chart.steps) if action in ("zoom", "smoothing") else True

    def action_smoothing(self) -> None:
        """Show raw values, or their moving average."""
        self.chart.smoothing = not self.chart.smoothing

    def action_zoom(self) -> None:
        """Fill the screen with the chart, or give it back."""
        if self.screen.maximized is self.chart:
            self.screen.minimize()
        else:
            self.chart.focus()
            self.screen.maximize(self.chart, container=False)

    def escape(self) -> None:
        """Take away the zoom, the cursor, or the focus from elsewhere."""
        if self.screen.maximized is self.chart:
            self.screen.minimize()
        elif self.chart.cursor is not None:
            self.chart.cursor = None
        else:
            self.chart.focus()

    def _say(self, name: str, text: Content | str) -> None:
        self.query_one(f"#{name}", Told).say(text)
