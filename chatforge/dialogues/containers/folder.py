"""The dialogue files in a folder: `chatforge.folders`, which recipes need as well and cannot reach in this room."""

from chatforge.folders import ENDINGS, PACKED, ending, files_in

__all__ = ["ENDINGS", "PACKED", "ending", "files_in"]
