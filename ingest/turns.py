"""Queues of many senders, served in turn (deficit round robin): who has much waiting waits behind its own. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Own(Generic[T]):
    """What waits of one sender, and what its turns have saved up for the item in front."""

    items: deque[T] = field(default_factory=deque)
    saved: int = 0


class Turns(Generic[T]):
    """Each sender in turn has items for what a turn is worth; one that costs more has as many turns as it costs."""

    def __init__(self, worth: int, cost: Callable[[T], int]) -> None:
        self._worth, self._cost = worth, cost
        self._waiting: OrderedDict[str, _Own[T]] = OrderedDict()
        self._count = 0
        self.cost = 0

    def __len__(self) -> int:
        return self._count

    @property
    def senders(self) -> int:
        """Of how many something waits."""
        return len(self._waiting)

    def add(self, sender: str, item: T) -> None:
        """This function will put an item behind those of its sender."""
        self._own(sender, item).items.append(item)

    def put_back(self, sender: str, item: T) -> None:
        """This function will put an item that was taken before those of its sender."""
        self._own(sender, item).items.appendleft(item)

    def _own(self, sender: str, item: T) -> _Own[T]:
        self._count += 1
        self.cost += self._cost(item)
        return self._waiting.setdefault(sender, _Own())

    def take(self, most: int, *, limit: int | None = None) -> list[T]:
        """This function will take items in turn until together they cost `most`, or are `limit`."""
        taken: list[T] = []
        spent = 0
        while self._waiting and spent < most and (limit is None or len(taken) < limit):
            sender, own = self._waiting.popitem(last=False)
            own.saved += self._worth
            while own.items and spent < most and (limit is None or len(taken) < limit):
                cost = self._cost(own.items[0])
                if own.saved < cost and self._waiting:
                    break
                taken.append(own.items.popleft())
                own.saved = max(0, own.saved - cost)
                spent += cost
            if own.items:
                own.saved = min(own.saved, max(self._worth, self._cost(own.items[0])))  # where a turn was cut short
                self._waiting[sender] = own
        self._count -= len(taken)
        self.cost -= spent
        return taken
