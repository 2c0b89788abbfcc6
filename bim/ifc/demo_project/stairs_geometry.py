"""Where the flights of the two stairs run: shared by the model and by those who walk them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bim.ifc.demo_project import dimensions as d


@dataclass(frozen=True)
class StairRun:
    """One storey of a stair in local metres: flight 1 goes up northwards, flight 2 comes back southwards."""

    risers: int
    """Risers of each flight."""
    riser_m: float
    run_m: float
    inner_x: float
    start_y: float
    bottom_z: float

    @property
    def rise_m(self) -> float:
        """Height of one flight."""
        return self.risers * self.riser_m


def risers_of_flight(height_m: float) -> int:
    """Risers of one of the two equal flights of a storey, about 165 mm each."""
    return round(height_m / 0.165 / 2)


def stair_run(storey: str, shaft: str) -> StairRun:
    """The stair of ``shaft`` that starts on ``storey``."""
    level, (x0, y0, *_) = d.LEVEL[storey], d.STAIR_SHAFTS[shaft]
    half = risers_of_flight(level.height_m)
    return StairRun(
        risers=half,
        riser_m=level.height_m / half / 2,
        run_m=(half - 1) * d.STAIR_TREAD_M,
        inner_x=x0 + d.CORE_WALL_M / 2,
        start_y=y0 + d.CORE_WALL_M / 2 + d.STAIR_LANDING_M,
        bottom_z=level.elevation_m,
    )


def stair_path(shaft: str, low: str, high: str) -> list[tuple[float, float, float]]:
    """Floor points of a walk from the aisle of storey ``low`` up the stair to the aisle of storey ``high``."""
    codes = [level.code for level in d.LEVELS]
    middle_x = (d.STAIR_SHAFTS[shaft][0] + d.STAIR_SHAFTS[shaft][2]) / 2
    floor = d.LEVEL[low].elevation_m
    path = [(middle_x, 20.0, floor), (middle_x, 25.0, floor)]
    for storey in codes[codes.index(low) : codes.index(high)]:
        run = stair_run(storey, shaft)
        up_x = run.inner_x + d.STAIR_FLIGHT_WIDTH_M / 2
        back_x = up_x + d.STAIR_FLIGHT_WIDTH_M + 0.1
        turn_y, half_z = run.start_y + run.run_m, run.bottom_z + run.rise_m
        path += [(up_x, run.start_y, run.bottom_z), (up_x, turn_y, half_z), (up_x, turn_y + 0.8, half_z)]
        path += [(back_x, turn_y + 0.8, half_z), (back_x, turn_y, half_z)]
        path += [(back_x, run.start_y, half_z + run.rise_m), (back_x, 25.0, half_z + run.rise_m)]
    ceiling = d.LEVEL[high].elevation_m
    return [*path, (middle_x, 25.0, ceiling), (middle_x, 20.0, ceiling)]
