"""The style of pages and charts: one palette for light, one for dark; print is always light.

Charts have classes only, so that the same drawing is right on a light page, on a dark one and as a picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LIGHT = {
    "ground": "#f6f7f9",
    "paper": "#ffffff",
    "ink": "#1c2430",
    "soft": "#5b6675",
    "rule": "#dde2e9",
    "ours": "#1f6feb",
    "true": "#a3adba",
    "good": "#1a7f4b",
    "wrong": "#d1372a",
    "none": "#e8ebf0",
    "warn": "#fff3d6",
}
DARK = {
    "ground": "#14171c",
    "paper": "#1b2027",
    "ink": "#e6e9ee",
    "soft": "#9aa4b2",
    "rule": "#323945",
    "ours": "#6aa5ff",
    "true": "#8a94a3",
    "good": "#4cc38a",
    "wrong": "#ff7a6b",
    "none": "#2b313b",
    "warn": "#3a2e10",
}
PRINT = LIGHT | {"ground": "#ffffff", "ink": "#000000", "soft": "#444444", "rule": "#cccccc"}

CHARTS = """
svg text { fill: var(--soft); font-size: 12px; }
svg .name { fill: var(--ink); } svg .count { font-size: 10.5px; }
svg .title { font-size: 15px; font-weight: 600; } svg .low { font-size: 8.5px; }
rect.ours { fill: var(--ours); } rect.true { fill: var(--true); } rect.good { fill: var(--good); }
rect.wrong { fill: var(--wrong); } rect.none { fill: var(--none); }
rect.node { fill: var(--paper); stroke: var(--soft); } rect.won { fill: var(--paper); stroke: var(--good); }
.grid { stroke: var(--rule); } .axis { stroke: var(--soft); }
.ideal { stroke: var(--soft); stroke-dasharray: 4 4; }
.dot { fill: var(--ours); fill-opacity: .55; stroke: var(--ours); }
.point { fill: var(--ours); } .reach { stroke: var(--ours); stroke-width: 5; stroke-opacity: .35; }
.before { fill: var(--paper); stroke: var(--soft); stroke-width: 1.5; }
.flow { fill: none; stroke: var(--ours); stroke-opacity: .6; } .tip { fill: var(--ours); }
.flow.won { stroke: var(--good); } .tip.won { fill: var(--good); }
.flow.weak { stroke: var(--wrong); stroke-opacity: 1; stroke-dasharray: 7 4; }
.tie { fill: none; stroke: var(--true); } .tie.shared { stroke-dasharray: 3 3; }
rect.shared { fill: var(--none); stroke: var(--true); stroke-dasharray: 3 3; } rect.soft { fill-opacity: .16; }
.flow.lost { stroke: var(--true); stroke-opacity: .45; } .tip.lost { fill: var(--true); }
"""
_PAGE = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 26px; margin: 8px 0 4px; overflow-wrap: anywhere; } h2 { font-size: 19px; margin: 0 0 12px; }
h2.storm { font-size: 22px; margin: 34px 0 0; overflow-wrap: anywhere; }
h3 { font-size: 15px; margin: 18px 0 4px; overflow-wrap: anywhere; }
p { margin: 4px 0 8px; overflow-wrap: anywhere; } li { margin: 4px 0; } ul { padding-left: 20px; margin: 4px 0; }
a { color: var(--ours); overflow-wrap: anywhere; }
section { background: var(--paper); border: 1px solid var(--rule); border-radius: 8px; padding: 18px; margin: 18px 0; }
article { border-top: 1px solid var(--rule); padding: 2px 0 10px; } article:first-of-type { border-top: 0; }
.simulated { background: var(--warn); border-radius: 6px; padding: 8px 12px; font-weight: 600; }
.cards { display: flex; flex-wrap: wrap; gap: 12px; margin-bottom: 14px; }
.card { flex: 1 1 140px; border: 1px solid var(--rule); border-radius: 8px; padding: 10px 14px; min-width: 0; }
.card span { color: var(--soft); display: block; }
.card b { font-size: 26px; line-height: 1.2; display: block; overflow-wrap: anywhere; }
.card b.long { font-size: 17px; line-height: 1.3; }
.pair { display: flex; flex-wrap: wrap; gap: 28px; } .pair > div { flex: 1 1 370px; min-width: 0; }
.pair > div.whole { flex: 1 1 100%; }
.wide { overflow-x: auto; } .wide + .wide { margin-top: 18px; } .wide svg { max-width: none; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 4px 8px; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child, article th, article td { text-align: left; } .group { text-align: center; }
table.words th, table.words td { text-align: left; white-space: nowrap; }
table.named td:first-child { overflow-wrap: anywhere; min-width: 12em; } .interval { white-space: nowrap; }
small, .fine { color: var(--soft); font-size: 12.5px; } .legend { color: var(--soft); font-size: 13px; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin: 0 3px 0 10px; }
.legend i:first-child { margin-left: 0; }
i.ours { background: var(--ours); } i.true { background: var(--true); } i.good { background: var(--good); }
i.wrong { background: var(--wrong); } i.none { background: var(--none); }
svg { max-width: 100%; height: auto; display: block; }
@media (max-width: 600px) { main { padding: 12px 8px; } section { padding: 14px 12px; } }
"""
_PRINT = """
  body { font-size: 12px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; } section { border: 0; padding: 0; }
  .wide { overflow: visible; } .pair > div.whole { flex: 1 1 100%; } .wide svg { max-width: 100%; }
  table { font-size: 9.5px; } th, td { padding: 2px 4px; }
  .pair { gap: 16px; } .pair > div { flex: 1 1 45%; }
  svg { max-height: 84vh; }
  article, tr, svg, .card, p, li, .pair:not(:has(table)) { break-inside: avoid; }
  h2, h3, .fine, .legend { break-after: avoid; }
"""


def _palette(colours: Mapping[str, str]) -> str:
    return ":root { " + " ".join(f"--{name}: {colour};" for name, colour in colours.items()) + " }"


STYLE = (
    f":root {{ color-scheme: light dark; }} {_palette(LIGHT)}\n"
    f"@media (prefers-color-scheme: dark) {{ {_palette(DARK)} }}\n{_PAGE}{CHARTS}"
    f"@media print {{ {_palette(PRINT)}{_PRINT}}}\n"
)
"""The style sheet of a page."""

PICTURE = re.sub(r"var\(--(\w+)\)", lambda found: LIGHT[found[1]], CHARTS)
"""The style sheet of a single chart, in plain colours."""
