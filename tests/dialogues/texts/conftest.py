"""PDFs written by hand: the smallest ones that hold text."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

WritePdf = Callable[..., Path]


def pdf(contents: Sequence[bytes]) -> bytes:
    """A PDF with one page for each content stream (packed), in Helvetica."""
    count = len(contents)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, content in enumerate(contents):
        packed = zlib.compress(content)
        font = "/Resources << /Font << /F1 3 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {font} /Contents {5 + 2 * i} 0 R >>"
        head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        objects += [page.encode(), head + packed + b"\nendstream"]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
    end += f"<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + end.encode()


def shown(lines: Sequence[str]) -> bytes:
    """The content stream of a page with these lines, from the top."""
    signs = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
    told = "\n".join(f"({line}) Tj T*" for line in signs)
    return f"BT /F1 11 Tf 14 TL 60 780 Td\n{told}\nET".encode("cp1252")


@pytest.fixture
def write_pdf(tmp_path: Path) -> WritePdf:
    """Write a PDF with these lines on its pages."""

    def write(pages: Sequence[Sequence[str]], name: str = "leaflet.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(pdf([shown(lines) if lines else b"" for lines in pages]))
        return path

    return write
