"""What can be said of a model's place: one English sentence for each code, with values, for words in any language."""

from __future__ import annotations

from typing import Any, Final

SENTENCES: Final[dict[str, str]] = {
    "no_crs": "The file names no CRS for its map conversion.",
    "unknown_crs": "The CRS '%(crs)s' is not one that PROJ knows.",
    "not_a_number": "The map conversion holds a value that is no number.",
    "no_rotation": "The map conversion's rotation (XAxisAbscissa, XAxisOrdinate) has no length.",
    "bad_scale": "The map conversion's Scale is %(scale)s; it must be above zero.",
    "world_system": "The context's WorldCoordinateSystem is not the identity; it was applied first.",
    "unit_ratio": "The model's unit is %(unit)s m, the map's %(map_unit)s m, but Scale is %(scale)s: "
    "the unit ratio %(ratio)s was applied.",
    "no_map_unit": "MapUnit is missing, so the map unit would be the model's (%(unit)s m), which does not fit "
    "the area of %(crs)s; eastings and northings were read as metres.",
    "rough": "The place comes from the site's latitude and longitude alone, which are often rough: "
    "check it with control points.",
    "site_crs_taken": "The file names no CRS; the site's own, EPSG:%(srid)s, was taken.",
    "outside_crs": "Its coordinates lie outside the CRS.",
    "outside_china": "It puts the model at %(lat)s, %(lon)s, which is outside China.",
    "height": "It puts the model at a height of %(height)s m.",
    "far_from_site": "It puts the model %(distance)s away from the site (2 km are allowed).",
    "web_map_datum": "It puts the model off the site by the very shift of %(datum)s, the datum of web maps "
    "(%(shift)s m here): without the shift it would stand inside the site. Nothing was corrected; export "
    "CGCS2000 coordinates or place the model by hand.",
    "no_crs_of_site": "Its coordinates look like map coordinates, but no CRS is named and the site has none yet.",
    "stretched": "It would stretch the model %(scale)s times: a unit or scale error.",
    "zone_prefix": "The easting %(east)s does not fit %(crs)s (zone prefix); %(fitting)s would.",
    "swapped": "Northing (%(north)s) and easting (%(east)s) are swapped: in China x is north.",
    "twice": "The model's own coordinates (%(x)s, %(y)s) are already map coordinates: "
    "the conversion would place it twice.",
    "no_georeference": "The file holds no georeference.",
    "size": "The model is %(size)s m long; a building is 5 to 1,000 m: check the length unit.",
    "no_storey_at_ground": "No storey is within 1 m of the site's ground at %(ground)s m (the nearest is %(nearest)s m "
    "off): check the height datum.",
}


class Sentence(str):
    """An English sentence that remembers its code and values; it behaves as the text everywhere else."""

    code: str
    values: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "values": self.values}


def say(code: str, **values: Any) -> Sentence:
    """Return the sentence of a code. Values are plain text or numbers, as they are to be read."""
    sentence = Sentence(SENTENCES[code] % values)
    sentence.code, sentence.values = code, values
    return sentence


def to_json(text: str) -> Any:
    """Return a sentence as code and values, other text as it is."""
    return text.as_json() if isinstance(text, Sentence) else text


def from_json(data: Any) -> str:
    """Return what `to_json` was given."""
    if isinstance(data, dict):
        return say(data["code"], **data["values"])
    return str(data)
