"""What a book has around its text, and across its pages, is not part of the text."""

from __future__ import annotations

import pytest

from inkreel.model import Code, Document, Heading, Listing, Paragraph

from .conftest import read_bytes, typeset

LEGAL = "Permission is granted to make and distribute copies of this manual, whole or in part."

BOOK = f"""
#let head = context {{
  let now = counter(page).get().first()
  let before = query(heading).filter(h => h.location().page() <= now)
  if now > 4 and before.len() > 0 {{
    let chapter = before.filter(h => h.level == 1).last().body
    [CHAPTER. #upper(chapter) #h(1fr) #upper(before.last().body) \\ ]
  }}
}}
#set document(title: "The harbour book")
#set page(paper: "a5", header: head, numbering: "i")
#set text(size: 10pt)
#set heading(numbering: "1.1")
#show heading.where(level: 1): it => pagebreak(weak: true) + it
#show raw: set text(font: "JetBrains Mono", size: 10pt)
#v(1fr) #align(center)[#text(22pt)[The harbour book] \\ \\ May 31, 2022] #v(2fr)
#pagebreak()
The harbour book

Copyright © 1996–2021 Harbour Association

{LEGAL}
#pagebreak()
#show outline.entry.where(level: 1): it => [#it.prefix() #it.body() #h(1fr) #it.page() \\ ]
#outline(depth: 2)
*Abstract* \\
This book answers questions that are often asked in a harbour, in the order of a day.
#pagebreak()
#set page(numbering: "1")
#for (name, parts) in (
  ("Tides and currents", ("Springs", "Neaps", "Slack water")),
  ("Charts and depths", ("Datum", "Soundings")),
  ("Lights and buoys", ("Sectors", "Cardinal marks")),
) [
  = #name
  The chapter of #lower(name) begins here. #lorem(60)
  #for part in parts [
    == #part
    The part of #lower(part) begins here. #lorem(140)
  ]
]
= Reading further
For Debian, free has its own meaning (see the guidelines (#"https://www." \\
#"debian.org/social_contract#guidelines")). When we speak of it, we mean freedom.

A complete list of all the mailing lists is kept on every machine in the file \\
`/usr/share/doc/debian/lists.txt`. \\
Their names follow a pattern. The handbook lies at #"https://kernel-team.pages.net/kernel-" \\
`handbook/index.html`, as everybody knows.

- A tree of folders that follows the standard at #"https://www.pathname." \\
  `com/fhs`.
- Many tools.

Run this to see all of it:
```
dpkg --list
```
#block[*Note*]
Whoever goes on reads the note, which ends here.
= Index
#set par(spacing: 0.6em)
#for letter in ("A", "B", "C") [
  #text(13pt)[*#letter*]

  #for n in range(9) [#lower(letter)nchor-#n, #(n + 3), #(n + 4) \\ ]
]
"""


@pytest.fixture(scope="module")
def book() -> Document:
    return read_bytes("book.pdf", typeset(BOOK))


def said(book: Document) -> str:
    return "\n".join(str(getattr(block, "text", "")) for block in book.blocks)


def test_front_matter_is_left_out(book: Document) -> None:
    """Neither date, rights nor the table of contents are told; an abstract is."""
    first = book.blocks[0]
    assert book.title == "The harbour book"
    assert isinstance(first, Paragraph)
    assert first.text.endswith(
        "This book answers questions that are often asked in a harbour, in the order of a day."
    )
    assert any("table of contents" in warning for warning in book.warnings)
    for lost in ("2022", "Copyright", "Permission", "Soundings 7", "Tides and currents 4"):
        assert lost not in said(book)


def test_running_heads_of_a_section_are_left_out(book: Document) -> None:
    """They differ from page to page, but stand where others stand."""
    assert "CHAPTER" not in said(book)
    headings = [(b.level, b.text) for b in book.blocks if isinstance(b, Heading)]
    assert headings == [
        (2, "Tides and currents"), (3, "Springs"), (3, "Neaps"), (3, "Slack water"),
        (2, "Charts and depths"), (3, "Datum"), (3, "Soundings"),
        (2, "Lights and buoys"), (3, "Sectors"), (3, "Cardinal marks"),
        (2, "Reading further"),
    ]  # fmt: skip


def test_an_index_is_left_out(book: Document) -> None:
    """Words with numbers of pages are nothing to tell."""
    assert "nchor" not in said(book)


def test_addresses_go_on_in_the_next_line(book: Document) -> None:
    """An address that was broken is whole again; what is set in a fixed width within a sentence
    is no code, and a listing still is."""
    text = said(book)
    assert "(https://www.debian.org/social_contract#guidelines))" in text
    assert "in the file /usr/share/doc/debian/lists.txt." in text
    assert "https://kernel-team.pages.net/kernel-handbook/index.html, as everybody knows." in text
    items = next(block for block in book.blocks if isinstance(block, Listing)).items
    assert items[0].text.endswith("at https://www.pathname.com/fhs.")
    assert [b.text for b in book.blocks if isinstance(b, Code)] == ["dpkg --list"]


def test_the_word_over_a_note_is_left_out(book: Document) -> None:
    """It is neither a heading nor a sentence."""
    assert not any(b.text == "Note" for b in book.blocks if isinstance(b, Heading | Paragraph))
    assert "Whoever goes on reads the note, which ends here." in said(book)


def test_titles_are_told_as_they_are_written() -> None:
    """What counts chapters is no chapter, and capitals are the page's, not the title's."""
    document = read_bytes(
        "book.pdf",
        typeset(
            "#text(24pt)[A guide to tides]\n\n#pagebreak()\n"
            "#show heading: it => block[#text(9pt)[CHAPTER] \\ #text(14pt)[ONE] \\ #upper(it)]\n"
            "= Springs and neaps\n#lorem(60)\n#pagebreak()\n= Slack water\n#lorem(60)\n"
        ),
    )
    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert headings == ["Springs and neaps", "Slack water"]
    assert "ONE" not in said(document)
    assert "CHAPTER" not in said(document)


def test_authors_are_no_headings() -> None:
    """However large they are set under the title; a real heading there stays."""
    opening = "#set heading(bookmarked: false)\n#align(center)[#text(22pt)[On checks] \\ "
    authors = "#text(14pt)[A. Writer and B. Writer] \n\n #text(14pt)[September 3, 2010]]\n"
    for under, told in ((authors, ["Ideas", "Results"]), ("]\n", ["Ideas", "Results"])):
        document = read_bytes(
            "paper.pdf",
            typeset(f"{opening}{under}\n= Ideas\n#lorem(60)\n= Results\n#lorem(60)\n"),
        )
        assert document.title == "On checks"
        headings = [block.text for block in document.blocks if isinstance(block, Heading)]
        assert headings == told
        assert "2010" not in said(document)


def test_prices_behind_dots_are_no_contents() -> None:
    """Their numbers do not rise as those of pages do: what stands between them is told."""
    menu = " ".join(
        f"{name} #box(width: 1fr, repeat[.]) {price} \\ Comes with bread and butter. \\ "
        for name, price in (("Soup", 40), ("Pie", 12), ("Fish", 35), ("Tea", 5), ("Milk", 9))
    )
    document = read_bytes("menu.pdf", typeset(f"= What there is to eat\n{menu}\n"))
    assert said(document).count("bread and butter") == 5


def test_only_a_title_s_own_number_is_left_out() -> None:
    """A number within a title is part of it; that of a section, or of an appendix, is not."""
    document = read_bytes(
        "book.pdf",
        typeset(
            "#text(24pt)[A school year]\n\n#lorem(20)\n"
            "= 1 Lessons of grade 12 pupils\n#lorem(60)\n= B.2 Tables for 7 days\n#lorem(60)\n"
        ),
    )
    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert headings[-2:] == ["Lessons of grade 12 pupils", "Tables for 7 days"]


def test_dots_of_tex_end_no_sentence() -> None:
    """They are set apart from each other."""
    document = read_bytes("a.pdf", typeset("= Letters\nA word is made of a . . . z, as we know.\n"))
    assert "A word is made of a… z, as we know." in said(document)
