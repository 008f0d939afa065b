"""Turn tokens into text as they come, never half a character.

    tokens   f0 9f   98 8a     !          A byte-level token may end inside a character: decoding then ends in U+FFFD.
    pieces   ""      "😊"      "!"        Such an end is held back until the character is whole, or the reply is over.

Decoding starts at the piece before the open one, because a tokenizer may treat the first token of a text differently
(SentencePiece drops its leading space), and not at the very beginning, so that long replies stay cheap.
"""

from typing import Any

REPLACEMENT = "\ufffd"

LONGEST = 4
"""Bytes, and so tokens, of the longest character."""


class Detokenizer:
    """Text of one reply.

    Args:
        tokenizer: a transformers tokenizer; special tokens are left out of the text.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._begin = 0  # of the piece before the open one
        self._open = 0  # tokens from here on are not wholly shown yet
        self._shown = ""  # what of the open tokens is shown

    def add(self, token: int) -> str:
        """Take the next token; return the text that is certain now, perhaps none."""
        self._ids.append(token)
        text = self._text()
        if text.endswith(REPLACEMENT):
            if len(self._ids) - self._open < LONGEST:
                return ""
            # Not one character in so many tokens: the model writes broken text. Only its very end may still mend.
            broken = len(text) - len(text.rstrip(REPLACEMENT))
            return self._show(text[: len(text) - min(broken, LONGEST - 1)])
        piece = self._show(text)
        if text:
            self._begin, self._open, self._shown = self._open, len(self._ids), ""
        return piece

    def flush(self) -> str:
        """Return what is held back: the reply is over, so the character stays broken."""
        return self._show(self._text())

    def _show(self, text: str) -> str:
        new = text[len(self._shown) :]
        self._shown += new
        return new

    def _text(self) -> str:
        """Text of the open tokens."""
        before = self._decode(self._ids[self._begin : self._open])
        return self._decode(self._ids[self._begin :])[len(before) :]

    def _decode(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text
