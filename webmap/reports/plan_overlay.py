"""What the report adds to a folium map: a turned site plan that stays turned, and a scale in metres."""

from __future__ import annotations

from pathlib import Path

from folium.elements import MacroElement
from folium.template import Template

_SCRIPT = Path(__file__).resolve().parent.parent / "frontend" / "src" / "field" / "corner_image.js"


def corner_image_script() -> str:
    """Return the browser module `corner_image.js` as a plain script (its one export becomes a function)."""
    return _SCRIPT.read_text(encoding="utf-8").replace("export function", "function")


class PlanOverlay(MacroElement):
    """A georeferenced image on the map.

    `image` is a `data:` address; `corners` are [lat, lon] of the top left, top right and bottom left corner.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            {{ this.script_text }}
            var {{ this.get_name() }} = cornerImage(L, {{ this.image|tojson }}, {{ this.corners|tojson }})
                .addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, *, image: str, corners: list[list[float]], name: str) -> None:
        super().__init__()
        self._name = "PlanOverlay"
        self.image = image
        self.corners = corners
        self.layer_name = name
        self.script_text = corner_image_script()


class MetricScale(MacroElement):
    """A scale bar in metres only."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__()
        self._name = "MetricScale"
