"""Text that cannot act where it is shown, in a terminal, a page or a picture, whatever a feed put into it.

Invariant: one line, without control characters, direction marks and other invisible formats, lone surrogates or
code points that are no character.
"""

from __future__ import annotations

import unicodedata

_BREAKS = "\n\r\t\x0b\x0c\x85\u2028\u2029"
_ACTING = frozenset({"Cc", "Cf", "Cs", "Cn"})


def plain(said: object) -> str:
    """The text of a value with nothing in it that acts; line breaks and tabs are blanks."""
    text = str(said)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if letter in _BREAKS else "" if unicodedata.category(letter) in _ACTING else letter for letter in text
    )


def is_utf8(text: str) -> bool:
    """Whether UTF-8 has all its letters; not where bytes were typed that the terminal's encoding does not have."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
