"""What kind of file it is, and the records in it, one at a time: memory does not grow with the file.

talks.jsonl.gz ──► lines of JSON      export.json ──► elements of one array or object      faq.csv ──► rows
"""

from chatforge.dialogues.containers.container import Container, Kind
from chatforge.dialogues.containers.folder import files_in
from chatforge.dialogues.containers.kinds import open_container

__all__ = ["Container", "Kind", "files_in", "open_container"]
