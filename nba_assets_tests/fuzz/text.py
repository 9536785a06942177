"""Text that people, files and services could send: any script, any sign, and what has a meaning to a program."""

from __future__ import annotations

from hypothesis import strategies as st

CANARY = "zzcanaryzz"
"""In nothing that the platform says by itself. Where it shows up, a value came to."""

NASTY = (
    "",
    " ",
    "O'Neal",
    "'; DROP TABLE nba_raw.games; --",
    '" OR 1=1 --',
    "$first",
    "{0} %s {name}",
    "Nikola Jokić",
    "ニコラ・ヨキッチ",
    "никола йокич",
    "نيكولا يوكيتش",
    "\u202eevil\u202c",
    "👨‍👩‍👧‍👦🏀",
    "a\u0301" * 50,
    "<script>alert(1)</script>",
    "&amp;<b>\"'",
    "[/bold][red]x[/]",
    "[link=file:///etc/passwd]x[/link]",
    "\x1b[2J\x1b]0;title\x07",
    "a\x00b",
    "a\r\nb\tc",
    "\ufeffname",
    "\uffff",
    "../../etc/passwd",
    "=1+1",
    "NaN",
    "²",
    "x" * 5_000,
)
"""What went wrong somewhere, once."""

names = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))
"""Of players, books, reasons; no lone surrogates, which are no text in any file."""

arguments = st.one_of(
    st.sampled_from([one for one in NASTY if "\x00" not in one]),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["\udcff", "a\udce9b", "-", "--", "~", "~nobody-here", "/dev/null/x", "nan", "inf", "-1", "1e999"]),
)
"""What a shell or an environment can hand on: no NUL, but bytes that are no UTF-8, as Python shows them."""
