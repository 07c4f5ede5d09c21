"""Two people in one name: `John and wife Mary Smith`, `John or Mary Smith`, `John Smith, Mary Smith`.

Invariant: what stands between a surname and a given name, as a comma may, parts nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from stormops_graph.normalise.surnames import ALSO_SURNAMES
from stormops_graph.normalise.words import name_words

AND = re.compile(r"\s(?:and|&|y)\s")
AT_AN_END = re.compile(r"^\s*(?:and|&|y)\s|\s(?:and|&|y)\s*$", re.IGNORECASE)
_OR = re.compile(r"(?<=\w) or (?=(\w+))", re.IGNORECASE)
# John Smith and wife Mary says whose name it is, and Maria esposa de Juan Garcia need not be a Garcia.
_AND_SPOUSE = re.compile(
    r"^(\w{2,})(?: \w)? (?:and|&|y|w/|with) (?:(?:his|her|su) )?(?:wife|husband|spouse|esposa|esposo) (?=\w+ \w+)",
    re.IGNORECASE,
)


def joined(text: str, given: Set[str]) -> str:
    """A name with `&` between two people of whom both may be meant, by these given names."""
    if (pair := _AND_SPOUSE.match(text)) and pair[1].lower() in given:
        text = f"{pair[1]} & {text[pair.end() :]}"
    return _OR.sub(lambda found: " & " if found[1].lower() in given else found[0], text)


def beside_comma(before: str, after: str, given: Set[str]) -> Sequence[str]:
    """Two people with a comma between them; none where it stands between a surname and a given name."""
    first, second = name_words(before), name_words(after)
    if len(first) > 1 and after.lstrip().startswith(("and ", "& ")):  # John Smith, and Mary
        return before, after.split(maxsplit=1)[1]
    if len(first) > 1 and len(second) > 1 and first[-1] == second[-1]:  # John Smith, Mary Smith
        return before, after
    of_one = len(first) == 1 and first[0] in given - ALSO_SURNAMES
    if of_one and len(second) > 1 and second[0] in given and second[-1] not in given:  # John, Mary Smith
        return before, AND.split(f" {after} ")[-1]
    return ()
