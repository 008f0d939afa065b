"""Texts of a domain that are no dialogues: read into passages, which are packed into pieces for continued pretraining.

    handbook.md ─┐
    leaflet.pdf ─┼─read_texts─► Document[] (passages) ──tokens──► pack ──► pieces of at most max_length tokens
    letters.txt ─┘

Reading and cutting only: what a model makes of it is `adaptation.texts`' work.
"""

from chatforge.dialogues.texts.document import Document
from chatforge.dialogues.texts.overlap import replies_in
from chatforge.dialogues.texts.pack import pack
from chatforge.dialogues.texts.reading import read_texts

__all__ = ["Document", "pack", "read_texts", "replies_in"]
