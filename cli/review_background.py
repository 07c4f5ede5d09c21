"""What the review screen does with the stores: each in a thread, so that no key waits for one.

Invariant: verdicts reach the ledger in the order of their keys; those that are made while others are being kept go to
it together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from textual.screen import Screen

from stormops_graph.errors import StormopsError
from stormops_graph.review.desk import Desk, Order, Outcome
from stormops_graph.review.effects import Moved
from stormops_graph.review.snapshot import Snapshot

Open = Callable[[], tuple[Snapshot, Desk]]


class Background:
    """The threads of one screen; what they find is handed to it in its own thread."""

    def __init__(self, screen: Screen[None], opened: Open) -> None:
        self._screen, self._opened = screen, opened
        self._desk: Desk | None = None
        self._orders: list[Order] = []
        self._keeping = False
        self._refused = False
        self._when_kept: Callable[[], object] | None = None

    def read(self, begin: Callable[[Snapshot], None], nothing: Callable[[StormopsError], None]) -> None:
        """Read the last run."""

        def reading() -> None:
            try:
                snapshot, self._desk = self._opened()
            except StormopsError as error:
                self._tell(nothing, error)
            else:
                self._tell(begin, snapshot)

        self._screen.run_worker(reading, thread=True, exclusive=True, group="read")

    def order(self, order: Order, land: Callable[[list[Outcome]], None]) -> None:
        """Have an order carried out at once, or with the next ones where others are under way."""
        self._orders.append(order)
        if not self._keeping:
            self._keeping = True
            self._screen.run_worker(lambda: self._keep(land), thread=True, group="keep")

    def when_kept(self, then: Callable[[], object]) -> None:
        """Do something when the last order has been carried out; not where one was refused meanwhile, as nobody would
        have read that.
        """
        if self._keeping:
            self._when_kept = then
        else:
            then()

    def ask_what_moves(self, records: Sequence[str], tell: Callable[[Moved | str], None]) -> None:
        """Ask the graph what goes where records go."""

        def asking() -> None:
            found: Moved | str = "(the graph does not answer)"
            with suppress(StormopsError):
                if self._desk is not None:
                    found = self._desk.moved(records)
            self._tell(tell, found)

        self._screen.run_worker(asking, thread=True, exclusive=True, group="moves")

    def look_out(self, newer: Callable[[], None]) -> None:
        """Ask the graph whether a newer run has come."""

        def looking() -> None:
            with suppress(StormopsError):
                if self._desk is not None and self._desk.newer_run():
                    self._tell(newer)

        if self._desk is not None and not self._keeping:
            self._screen.run_worker(looking, thread=True, exclusive=True, group="version")

    def _keep(self, land: Callable[[list[Outcome]], None]) -> None:
        while self._orders and self._desk is not None:
            orders, self._orders = self._orders, []
            outcomes = self._desk.carry_out(orders)
            self._refused = self._refused or any(outcome.decision is None for outcome in outcomes)
            self._tell(land, outcomes)
        self._tell(self._kept, land)

    def _kept(self, land: Callable[[list[Outcome]], None]) -> None:
        if self._orders:  # one came between the last look and now
            self._screen.run_worker(lambda: self._keep(land), thread=True, group="keep")
            return
        then, refused = self._when_kept, self._refused
        self._keeping, self._refused, self._when_kept = False, False, None
        if then is not None and not refused:
            then()

    def _tell(self, tell: Callable[..., object], *found: object) -> None:
        self._screen.app.call_from_thread(tell, *found)
