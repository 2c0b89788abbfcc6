"""GeoPackage, shapefile (zip) and GeoJSON as a table; GBK attributes are told from UTF-8 by their bytes."""

from __future__ import annotations

import codecs
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import pyogrio
import shapely
from django.utils.translation import gettext_noop
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.problems import FileRefused, Problem
from ingest.vectors.places.sheets import cell_text
from ingest.vectors.places.tables import MAX_ROWS, MAX_VERTICES, Row, Table, srid_of

MAX_UNPACKED: Final = 300 * 1024 * 1024
PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
UNREADABLE: Final = gettext_noop("the shape cannot be read: %(why)s.")


def members_of(content: bytes) -> dict[str, zipfile.ZipInfo]:
    """Return the files in a zip by name. Raises FileRefused for a broken one or one too large when unpacked."""
    try:
        infos = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise FileRefused(gettext_noop("The zip is broken: pack it again.")) from error
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise FileRefused(gettext_noop("The zip holds more than %(limit)s MB."), {"limit": MAX_UNPACKED >> 20})
    return {info.filename: info for info in infos if not info.is_dir() and "__MACOSX" not in info.filename}


def read_shapefile(content: bytes, *, name: str) -> Table:
    """This function will read a shapefile from a zip; `name` is which one if there are several."""
    members = members_of(content)
    stems = {Path(member).stem: member for member in members if member.lower().endswith(".shp")}
    if not stems:
        raise FileRefused(gettext_noop("There is no .shp in the zip."))
    stem = name if name in stems else sorted(stems)[0]
    base = stems[stem][: -len(".shp")]
    files = {Path(member).suffix.lower(): member for member in members if member[: len(base) + 1] == f"{base}."}
    if lacking := [suffix for suffix in (".shx", ".dbf") if suffix not in files]:
        raise FileRefused(
            gettext_noop("%(name)s.shp lacks its %(missing)s: pack all files of the shapefile into the zip."),
            {"name": stem, "missing": " ".join(lacking)},
        )
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(content)) as archive:
        for suffix in PARTS:
            if suffix in files and suffix != ".cpg":
                (Path(folder) / f"layer{suffix}").write_bytes(archive.read(members[files[suffix]]))
        encoding = dbf_encoding((Path(folder) / "layer.dbf").read_bytes())
        table = _read_layer(Path(folder) / "layer.shp", None, stem, tuple(sorted(stems)), encoding)
    notes = list(table.notes)
    if ".prj" not in files:
        notes.append(
            Problem(0, "", gettext_noop("The shapefile has no .prj: it does not say which coordinates it has."))
        )
    if encoding == "GB18030":
        notes.append(Problem(0, "", gettext_noop("The attributes were read as GBK (GB 18030).")))
    return Table(table.name, table.headings, table.rows, table.srid, table.crs_name, table.names, tuple(notes), True)


def dbf_encoding(dbf: bytes) -> str:
    """Return UTF-8 if every name and text of a dBASE table decodes as that, else GB18030, whatever the .cpg says.

    A field of fixed width may cut the last character of a text; that is no sign against UTF-8.
    """
    header, width = int.from_bytes(dbf[8:10], "little"), int.from_bytes(dbf[10:12], "little")
    fields, at = [], 1
    for start in range(32, header - 31, 32):
        if dbf[start] == 0x0D:
            break
        length = dbf[start + 16]
        fields.append((dbf[start : start + 11].split(b"\x00")[0], chr(dbf[start + 11]), at, length))
        at += length
    texts = [name for name, *_ in fields]
    for record in range(header, len(dbf) - width + 1, width or len(dbf)):
        texts += [dbf[record + at : record + at + length] for _name, kind, at, length in fields if kind == "C"]
    try:
        for text in texts:
            codecs.getincrementaldecoder("utf-8")().decode(text.rstrip(b" \x00"))
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def read_geopackage(content: bytes, *, name: str, wanted: str) -> Table:
    """This function will read one layer of a GeoPackage."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "places.gpkg"
        file.write_bytes(content)
        try:
            names = [str(layer) for layer, _kind in pyogrio.list_layers(file)]
        except DataSourceError as error:
            raise FileRefused(gettext_noop("The GeoPackage cannot be read: %(why)s."), {"why": error}) from error
        if not names:
            raise FileRefused(gettext_noop("The GeoPackage has no layer."))
        layer = name if name in names else (wanted if wanted in names else names[0])
        return _read_layer(file, layer, layer, tuple(names), None)


def _read_layer(file: Path, layer: str | None, name: str, names: tuple[str, ...], encoding: str | None) -> Table:
    try:
        info, _, shapes, columns = pyogrio.raw.read(
            file, layer=layer, encoding=encoding, force_2d=True, datetime_as_string=True, max_features=MAX_ROWS + 1
        )
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
        raise FileRefused(gettext_noop("%(name)s cannot be read: %(why)s."), {"name": name, "why": error}) from error
    headings = [str(heading) for heading in info["fields"]]
    count = len(columns[0]) if columns else (len(shapes) if shapes is not None else 0)
    rows = []
    for index in range(count):
        values = {heading: _plain(column[index]) for heading, column in zip(headings, columns, strict=True)}
        shape, fault = _from_wkb(index + 1, shapes[index] if shapes is not None else None)
        rows.append(Row(index + 1, values, shape, fault))
    srid, crs_name = srid_of(info["crs"])
    return Table(name, tuple(headings), tuple(rows), srid, crs_name, names, (), shapes is not None)


def _plain(value: Any) -> Any:
    """Return a numpy or database value as Python's own; what is not there is an empty text."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    value = value.item() if hasattr(value, "item") else value
    return "" if value is None or value != value else cell_text(value)


def _from_wkb(number: int, wkb: bytes | None) -> tuple[BaseGeometry | None, Problem | None]:
    if wkb is None:
        return None, None
    try:
        shape = shapely.from_wkb(wkb)
    except shapely.errors.ShapelyError as error:
        return None, Problem(number, "geometry", UNREADABLE, {"why": str(error)})
    return _counted(number, shape)


def _counted(number: int, shape: BaseGeometry | None) -> tuple[BaseGeometry | None, Problem | None]:
    if shape is None or shape.is_empty:
        return None, None
    if shapely.get_num_coordinates(shape) > MAX_VERTICES:
        sentence = gettext_noop("the shape has more than %(limit)s corners: simplify it.")
        return None, Problem(number, "geometry", sentence, {"limit": MAX_VERTICES})
    return shapely.force_2d(shape), None


def read_geojson(content: bytes) -> Table:
    """This function will read the features of a GeoJSON text; a nested property is kept as text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    try:
        body = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = {"line": getattr(error, "lineno", 1), "column": getattr(error, "colno", 1)}
        raise FileRefused(gettext_noop("The file is not JSON: line %(line)s, column %(column)s."), where) from error
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list):
        raise FileRefused(gettext_noop("The file must be a GeoJSON FeatureCollection with at least one feature."))
    rows = [_feature(number, feature) for number, feature in enumerate(features, start=1)]
    headings = tuple(dict.fromkeys(heading for row in rows for heading in row.values))
    declared = body.get("crs")
    named = declared.get("properties", {}).get("name") if isinstance(declared, dict) else None
    srid, crs_name = srid_of(str(named).replace("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326")) if named else (4326, "")
    return Table("GeoJSON", headings, tuple(rows), srid, crs_name, (), (), True)


def _feature(number: int, feature: Any) -> Row:
    if not isinstance(feature, dict):
        return Row(number, {}, None, Problem(number, "type", gettext_noop("is not a GeoJSON feature.")))
    properties = feature.get("properties") or {}
    values = {str(key): _property(value) for key, value in properties.items()} if isinstance(properties, dict) else {}
    if feature.get("geometry") is None:
        return Row(number, values)
    try:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (shapely.errors.ShapelyError, TypeError, ValueError) as error:
        return Row(number, values, None, Problem(number, "geometry", UNREADABLE, {"why": str(error)}))
    return Row(number, values, *_counted(number, shape))


def _property(value: Any) -> Any:
    if isinstance(value, dict) and "adcode" in value:
        return cell_text(value["adcode"])  # DataV writes the parent as {"adcode": 410300}
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else cell_text(value)
