"""What the stage Data says of itself: its help and its keys."""

from textual.binding import Binding

HELP = """\
## Data

The conversations that the model learns from (*train*), that choose when to stop (*valid*) and that judge (*test*).
One conversation a line: `{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}`;
files of many other forms are read as well. What is split off or held out is never trained on: it shows whether it
works for what the model has not seen.

- `i` lists what the check found: what is wrong, what of valid and test is in train, too, what is longer than
  `max_length`, what tells who somebody is. `enter` goes through the places, `n` to the next one; `f` and `p` write
  mended and anonymised copies, `l` sets another `max_length`.
- `m` shows what a pass learns. General chat against forgetting, further datasets by weight, texts of the domain
  before the dialogues: each is a row that `enter` changes.
"""

KEYS = (
    Binding("w", "who", "Who answers", id="data.who", tooltip="Say which speaker is the assistant"),
    Binding("n", "finding(1)", "Next issue", id="data.next", tooltip="Go to the next one of its kind"),
    Binding("N", "finding(-1)", "Issue before", show=False, id="data.before"),
    Binding("i", "findings", "Issues", id="data.findings", tooltip="What the check found, and what to do about it"),
    Binding("a", "add", "Add file", id="data.add", tooltip="Name one more file of conversations"),
    Binding("d", "remove", "Remove", id="data.remove", tooltip="Take a file out of the recipe; the file stays"),
    Binding("m", "mix", "Mix", id="data.mix", tooltip="What a pass learns: general chat, further datasets, texts"),
    Binding("c", "corrections", "Train on corrections", id="data.corrections"),
    Binding("slash", "filter", "Filter", key_display="/", id="data.filter", tooltip="Only where something is said"),
    Binding("x", "xray", "X-ray", id="data.xray", tooltip="As the model gets it, or as people read it"),
    Binding("b", "bad", "Bad lines", id="data.bad", tooltip="Lines that cannot be used, and what becomes of them"),
    Binding("e", "system", "System", id="data.system", tooltip="Edit the system message"),
    Binding("r", "again", "Read again", id="data.again", show=False, tooltip="Look at the files again"),
)
