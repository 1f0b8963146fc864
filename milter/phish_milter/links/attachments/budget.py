"""What may be spent on the attachments of one mail."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """
    Limits for one mail; each bounds time or memory of a library that reads hostile bytes.

    Attributes:
        pdf_files: PDF files opened (about 5 ms each).
        pdf_bytes: Largest PDF that is opened.
        pdf_pages: Pages of each that are searched; a lure is on the first.
        pdf_text_bytes: Largest page content whose text is extracted.
        pictures: Pictures searched for QR codes (about 5 ms each).
        picture_bytes: Largest picture that is opened.
        picture_pixels: Largest picture that is unpacked; 6 megapixels take 24 MB.
        texts: Calendar entries and drawings searched.
        text_bytes: How much of each.
        links: Links taken from all attachments.
    """

    pdf_files: int = 3
    pdf_bytes: int = 4_000_000
    pdf_pages: int = 10
    pdf_text_bytes: int = 100_000
    pictures: int = 8
    picture_bytes: int = 4_000_000
    picture_pixels: int = 6_000_000
    texts: int = 8
    text_bytes: int = 200_000
    links: int = 300


@dataclass(slots=True)
class Spending:
    """
    A budget that is being spent.

    Attributes:
        budget: The limits.
        defects: What could not be read, in stable words.
        spent: Files opened so far, by kind.
    """

    budget: Budget
    defects: set[str] = field(default_factory=set)
    spent: dict[str, int] = field(default_factory=dict)

    def take(self, kind: str, most: int) -> bool:
        """Return whether one more *kind* may be opened, and count it."""
        used = self.spent.get(kind, 0)
        if used >= most:
            self.defects.add(f"{kind}-not-searched")
            return False
        self.spent[kind] = used + 1
        return True
