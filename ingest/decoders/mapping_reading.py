"""Takes the values that a mapping names out of a record, and writes down what became of each. Pure."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from ingest.decoders.json_path import NothingThere, value_at, values_at
from ingest.decoders.mapping_form import Form, Measured, Moment, Place, Value
from ingest.decoders.units import conversion
from ingest.messages import (
    ACCURACY_RANGE_M,
    GRID_PREFIX,
    GRID_RANGE_M,
    HEIGHT_RANGE_M,
    LAT_RANGE,
    LON_RANGE,
    MAX_SEQUENCE,
    DeviceMessage,
    DevicePart,
    FieldInvalid,
    FieldMissing,
    Fix,
    HeightReference,
    PayloadRefused,
    PayloadTooLarge,
    Reading,
    Signal,
    SignalKind,
    Source,
)
from spatial.observations.quantities import all_quantities

MAX_READINGS = 5000
LARGEST = 1e100  # compared before it is made a float, which a whole number of 400 digits does not fit
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?")
_BOOT = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one value: the field, where it was looked for, what stood there, what is taken, what is wrong."""

    field: str
    path: str
    raw: str
    taken: str
    fault: str = ""


@dataclass
class Explanation:
    """Everything that a mapping found in a payload; `message` is set when nothing is wrong."""

    lines: list[Line] = field(default_factory=list)
    faults: list[PayloadRefused] = field(default_factory=list)
    message: DeviceMessage | None = None


class RecordReader:
    """Takes values as the form says, writing a line for each."""

    def __init__(self, form: Form, top: Any, found: Explanation) -> None:
        self._form, self._top, self._found = form, top, found
        self._readings = 0

    def part(self, record: Any, sender_code: str, where: str) -> DevicePart:
        """This function will return what one record says of a device; faults are noted, not raised."""
        form = self._form
        device = self._text(form.device, record, f"{where}device", _DEVICE) if form.device else sender_code
        time = self._time(form.time, record, f"{where}time")
        moment = time or datetime.fromtimestamp(0, UTC)
        place = form.position
        fix = self._fix(place, record, moment, f"{where}position") if place else None
        battery = self._number(form.battery, record, f"{where}battery", 0, 100) if form.battery else None
        readings = [
            reading
            for number, measured in enumerate(form.readings)
            for reading in self._measured(measured, record, moment, f"{where}readings[{number}]")
        ]
        signals = []
        for number, told in enumerate(form.signals):
            kind = self._taken(told.kind, record, f"{where}signals[{number}]", other_values_tell_nothing=True)
            if kind is not None:
                signals.append(Signal(cast(SignalKind, kind), moment))
        return DevicePart(
            device or sender_code,
            None if battery is None else round(battery),
            (fix,) if fix else (),
            tuple(readings),
            tuple(signals),
            place.frame if place else "CGCS2000",
        )

    def identity(self, payload: bytes) -> tuple[str, int]:
        """This function will return what the message is known by: as mapped, or 64 bits of its content."""
        form = self._form
        if form.boot is not None and form.sequence is not None:
            boot = self._text(form.boot, self._top, "boot", _BOOT)
            sequence = self._number(form.sequence, self._top, "sequence", 0, MAX_SEQUENCE)
            return boot or "", int(sequence or 0)
        return hashlib.blake2s(payload, digest_size=8).hexdigest(), 0

    def _fault(self, name: str, value: Value, raw: Any, refused: PayloadRefused) -> None:
        self._found.faults.append(refused)
        self._found.lines.append(Line(name, _source(value), _shown(raw), "", str(refused).removeprefix(f"{name}: ")))

    def _taken(self, value: Value, record: Any, name: str, *, other_values_tell_nothing: bool = False) -> Any:
        """Return a value after its table, or None for one that is absent and may be; faults are noted."""
        try:
            raw = value_at(value.path, self._top, record) if value.path else value.constant
        except NothingThere as nothing:
            if not value.optional and not other_values_tell_nothing:
                self._fault(name, value, None, FieldMissing(name, str(nothing)))
            return None
        if raw is None and value.path is not None:
            if not value.optional and not other_values_tell_nothing:
                self._fault(name, value, raw, FieldMissing(name, "is null"))
            return None
        taken = raw
        if value.table is not None:
            key = json.dumps(raw) if isinstance(raw, bool) else str(raw)
            taken = value.table.get(key)
            if taken is None:
                if not other_values_tell_nothing:
                    self._fault(name, value, raw, FieldInvalid(name, f"{_shown(raw)} is not in the table"))
                return None
        self._found.lines.append(Line(name, _source(value), _shown(raw), _shown(taken)))
        return taken

    def _number(self, value: Value, record: Any, name: str, low: float, high: float) -> float | None:
        taken = self._taken(value, record, name)
        if taken is None:
            return None
        if isinstance(taken, str) and _NUMBER.fullmatch(taken.strip()):
            taken = float(taken)
        usable = type(taken) in (int, float) and -LARGEST <= taken <= LARGEST
        number = float(taken) * value.factor + value.offset if usable else math.nan
        if not low <= number <= high:
            self._found.lines.pop()
            self._fault(name, value, taken, FieldInvalid(name, f"must be a number from {low:g} to {high:g}"))
            return None
        self._found.lines[-1] = Line(name, _source(value), self._found.lines[-1].raw, f"{number:.10g}")
        return number

    def _text(self, value: Value, record: Any, name: str, form: re.Pattern[str]) -> str | None:
        taken = self._taken(value, record, name)
        if taken is None:
            return None
        text = str(taken) if isinstance(taken, str | int) and not isinstance(taken, bool) else ""
        if not form.fullmatch(text):
            self._found.lines.pop()
            self._fault(name, value, taken, FieldInvalid(name, f"{_shown(taken)} does not fit {form.pattern}"))
            return None
        return text

    def _time(self, moment: Moment, record: Any, name: str) -> datetime | None:
        taken = self._taken(moment.value, record, name)
        if taken is None:
            return None
        try:
            time = _moment(taken, moment)
        except (ValueError, OverflowError, TypeError, OSError) as error:
            self._found.lines.pop()
            wanted = moment.pattern or moment.format
            why = " (it has no zone: give the mapping one)" if str(error) == "no zone" else ""
            self._fault(name, moment.value, taken, FieldInvalid(name, f"{_shown(taken)} is no time as {wanted}{why}"))
            return None
        self._found.lines[-1] = Line(name, _source(moment.value), _shown(taken), time.isoformat())
        return time

    def _fix(self, place: Place, record: Any, time: datetime, name: str) -> Fix | None:
        grid = place.frame.startswith(GRID_PREFIX)
        ranges = {
            "x": GRID_RANGE_M if grid else LON_RANGE,
            "y": GRID_RANGE_M if grid else LAT_RANGE,
            "height": HEIGHT_RANGE_M,
            "accuracy": ACCURACY_RANGE_M,
        }
        if place.x.optional and self._absent(place.x, record):
            return None
        numbers = {
            part: self._number(getattr(place, part), record, f"{name}.{part}", low, high)
            for part, (low, high) in ranges.items()
        }
        worn = self._taken(place.worn, record, f"{name}.worn") if place.worn else None
        x, y, height, accuracy = numbers.values()
        if x is None or y is None or height is None or accuracy is None:
            return None
        return Fix(
            time=time,
            x=x,
            y=y,
            height_m=height,
            accuracy_m=accuracy,
            source=cast(Source, place.source),
            worn=worn if isinstance(worn, bool) else None,
            height_reference=cast(HeightReference, place.height_reference),
        )

    def _absent(self, value: Value, record: Any) -> bool:
        try:
            return value.path is not None and value_at(value.path, self._top, record) is None
        except NothingThere:
            return True

    def _measured(self, measured: Measured, record: Any, time: datetime, name: str) -> list[Reading]:
        records = [record]
        if measured.each is not None:
            try:
                records = values_at(measured.each, self._top, record, MAX_READINGS)
            except NothingThere as nothing:
                if not measured.optional:
                    self._fault(name, measured.value, None, FieldMissing(f"{name}.each", str(nothing)))
                return []
        found = []
        for number, one in enumerate(records):
            where = f"{name}[{number}]" if measured.each is not None else name
            if measured.optional and self._absent(measured.value, one):
                continue
            quantity = self._taken(measured.quantity, one, f"{where}.quantity")
            channel = self._taken(measured.channel, one, f"{where}.channel")
            value = self._number(measured.value, one, f"{where}.value", -1e12, 1e12)
            if quantity not in all_quantities() or value is None:
                if value is not None and quantity is not None:
                    self._fault(
                        f"{where}.quantity", measured.quantity, quantity,
                        FieldInvalid(f"{where}.quantity", f"{_shown(quantity)} is no quantity; give a table"),
                    )  # fmt: skip
                continue
            if measured.unit:
                factor, offset = conversion(measured.unit, all_quantities()[quantity].unit)
                value = value * factor + offset
            found.append(Reading(quantity, time, round(value, 9), "" if channel is None else str(channel)[:40]))
        self._readings += len(found)
        if self._readings > MAX_READINGS:
            raise PayloadTooLarge("readings", f"more than {MAX_READINGS}")
        return found


def _moment(taken: Any, moment: Moment) -> datetime:
    if moment.format in ("unix_s", "unix_ms"):
        number = float(taken) if isinstance(taken, str) else taken
        if type(number) not in (int, float):
            raise ValueError("no number")
        return datetime.fromtimestamp(number / (1000 if moment.format == "unix_ms" else 1), UTC)
    if not isinstance(taken, str) or len(taken) > 60:
        raise ValueError("no text")
    time = datetime.fromisoformat(taken) if moment.format == "iso" else datetime.strptime(taken, moment.pattern)  # noqa: DTZ007
    if time.tzinfo is None:
        if moment.zone is None:
            raise ValueError("no zone")
        time = time.replace(tzinfo=moment.zone)
    return time.astimezone(UTC)


def _source(value: Value) -> str:
    return value.path.text if value.path else f"= {_shown(value.constant)}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:80]
