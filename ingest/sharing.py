"""Which worker serves which site. Pure but for one query.

Sites are dealt out like cards in the order in which they were made, so a new site moves none of the others and few
sites are shared evenly. With one worker nothing is dealt: it hears every topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spatial.places.models import Site


@dataclass(frozen=True, slots=True)
class Share:
    """One worker's place among several."""

    place: int = 1
    places: int = 1

    @property
    def is_all(self) -> bool:
        """Whether there is nobody to share with."""
        return self.places == 1

    @property
    def hears_strays(self) -> bool:
        """Whether this worker also hears the topics of sites that do not exist, which nobody else would."""
        return not self.is_all and self.place == 1

    def own(self, codes: Sequence[str]) -> frozenset[str]:
        """This function will return those of all sites (in the order of their making) that are this worker's."""
        return frozenset(codes[self.place - 1 :: self.places])


def site_codes() -> list[str]:
    """This function will return the codes of all sites in the order of their making."""
    return list(Site.objects.order_by("created_at", "pk").values_list("code", flat=True))
