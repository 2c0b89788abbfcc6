"""Simple drawings of safety signs as SVG: four frames in the safety colours, and a glyph for each. Pure, our own.

They tell which sign is meant; bought signs carry the standard's own figures.
"""

from __future__ import annotations

from typing import Final

RED, YELLOW, BLUE, GREEN, BLACK, WHITE = "#c8102e", "#ffcd00", "#005eb8", "#00843d", "#1b1b1b", "#ffffff"

# In a box of 100 x 100; {c} is the ink: drawn by strokes unless a shape says fill.
GLYPHS: Final[dict[str, str]] = {
    "fall": '<path d="M4 60H44V96H4Z" fill="{c}"/><circle cx="72" cy="34" r="8" fill="{c}" stroke="none"/>'
    '<path d="M66 44L54 58M54 58L40 46M54 58L66 66M62 48L84 52M64 42L58 24"/>',
    "hole": '<path d="M2 60H26V92H74V60H98"/><circle cx="50" cy="22" r="8" fill="{c}" stroke="none"/>'
    '<path d="M50 32V56M50 38L34 26M50 38L66 26M50 56L40 78M50 56L60 78"/>',
    "drop": '<path d="M38 4H62V26H38Z" fill="{c}"/><path d="M22 6V22M78 6V22"/>'
    '<circle cx="50" cy="52" r="9" fill="{c}" stroke="none"/>'
    '<path d="M50 62V80M50 66L32 52M50 66L68 52M50 80L38 98M50 80L62 98"/>',
    "collapse": '<path d="M4 96V30L34 96Z" fill="{c}"/><circle cx="46" cy="40" r="6" fill="{c}"/>'
    '<circle cx="30" cy="22" r="6" fill="{c}"/><circle cx="62" cy="62" r="6" fill="{c}"/>'
    '<circle cx="84" cy="52" r="8" fill="{c}" stroke="none"/><path d="M84 62L80 80L70 96M80 80L92 96M83 66L96 74"/>',
    "hook": '<path d="M50 2V16M50 16L24 46H76ZM50 16V46"/><path d="M18 46H82V72H18Z" fill="{c}"/>'
    '<path d="M30 84V94M50 84V94M70 84V94"/>',
    "bolt": '<path d="M60 2L26 54H46L36 98L76 40H54Z" fill="{c}" stroke="none"/>',
    "gear": '<circle cx="50" cy="50" r="22"/><path d="M50 8V24M50 76V92M8 50H24M76 50H92M20 20L32 32M68 68L80 80'
    'M20 80L32 68M68 32L80 20" stroke-width="11"/>',
    "truck": '<path d="M4 26H56V70H4Z" fill="{c}"/><path d="M56 40H78L92 56V70H56"/>'
    '<circle cx="24" cy="78" r="9" fill="{c}"/><circle cx="74" cy="78" r="9" fill="{c}"/>',
    "flame": '<path d="M50 2C56 22 82 36 80 66C79 86 64 98 50 98C34 98 20 86 20 66C20 50 30 42 34 30C38 40 42 44 46 46'
    'C50 34 46 16 50 2Z" fill="{c}" stroke="none"/>',
    "burst": '<path d="M50 6L58 34L84 14L70 42L98 48L70 56L84 86L58 66L50 96L42 66L16 86L30 56L2 48L30 42L16 14L42 34Z"'
    ' fill="{c}" stroke="none"/>',
    "skull": '<path d="M50 6C26 6 16 22 16 40C16 52 22 58 30 62V76H70V62C78 58 84 52 84 40C84 22 74 6 50 6ZM36 36'
    'a8 8 0 1 0 .1 0ZM64 36a8 8 0 1 0 .1 0Z" fill="{c}" fill-rule="evenodd" stroke="none"/>'
    '<path d="M20 96L80 84M20 84L80 96"/>',
    "heat": '<path d="M6 92H94M24 74C14 58 34 48 24 30M50 74C40 58 60 48 50 30M76 74C66 58 86 48 76 30"/>',
    "slip": '<circle cx="34" cy="16" r="8" fill="{c}" stroke="none"/><path d="M38 26L50 54L78 62M50 54L40 78L62 90'
    'M42 34L62 28M42 34L22 44M6 96H94"/>',
    "mark": '<path d="M50 8V62" stroke-width="15"/><circle cx="50" cy="88" r="9" fill="{c}" stroke="none"/>',
    "smoke": '<path d="M4 60H72V74H4ZM80 60V74M90 60V74"/><path d="M80 48C80 36 66 40 66 26M92 48C92 26 78 30 78 14"/>',
    "throw": '<circle cx="34" cy="22" r="9" fill="{c}" stroke="none"/><path d="M34 34V62M34 62L22 94M34 62L48 94'
    'M34 40L58 28M34 42L18 58"/><path d="M72 26H86V40H72Z" fill="{c}"/><path d="M80 52V74"/>',
    "lean": '<path d="M60 8V96M60 30H96M60 60H96M92 8V96"/><circle cx="34" cy="18" r="9" fill="{c}" stroke="none"/>'
    '<path d="M38 30L34 62L40 96M34 62L20 94M38 36L58 44"/>',
    "jump": '<path d="M2 62H34V96H2Z" fill="{c}"/><circle cx="60" cy="16" r="9" fill="{c}" stroke="none"/>'
    '<path d="M58 28L54 52L72 66L66 84M54 52L44 66M58 34L80 24M58 34L40 26"/>',
    "entry": '<circle cx="50" cy="16" r="9" fill="{c}" stroke="none"/><path d="M50 28V60M50 60L34 96M50 60L66 96'
    'M50 34L30 54M50 34L70 54"/>',
    "stand": '<circle cx="50" cy="16" r="9" fill="{c}" stroke="none"/><path d="M50 28V62M42 62V96M58 62V96M36 30V58'
    'M64 30V58" stroke-width="9"/>',
    "switch": '<path d="M50 96V66M50 66L76 30" /><circle cx="50" cy="66" r="7" fill="{c}"/><path d="M50 8V28"/>'
    '<path d="M22 96H78"/>',
    "hand": '<path d="M30 96C20 80 14 66 12 54C18 50 24 56 30 64V20C30 12 40 12 40 20V46V12C40 4 50 4 50 12V46V16'
    'C50 8 60 8 60 16V48V26C60 18 70 18 70 26V66C70 82 66 90 62 96Z" fill="{c}" stroke="none"/>',
    "stack": '<path d="M8 66H46V96H8ZM54 66H92V96H54ZM30 30H70V60H30Z" fill="{c}" stroke="none"/>',
    "helmet": '<path d="M10 66C10 34 28 18 50 18C72 18 90 34 90 66ZM4 70H96V80H4Z" fill="{c}" stroke="none"/>',
    "harness": '<circle cx="50" cy="12" r="9" fill="{c}" stroke="none"/><path d="M34 26L66 62M66 26L34 62M30 64H70'
    'M42 64L36 98M58 64L64 98M50 44L92 10"/>',
    "gloves": '<path d="M18 94V56L8 42L16 36L24 46V14H34V44V8H44V46V94ZM56 94V46V8H66V44'
    'V14H76V46L84 36L92 42L82 56V94Z" fill="{c}" stroke="none"/>',
    "goggles": '<path d="M4 36H96V44C96 62 88 70 74 70C62 70 56 64 54 56H46C44 64 38 70 26 70C12 70 4 62 4 44Z"/>',
    "mask": '<circle cx="50" cy="40" r="32"/><path d="M24 46C36 36 64 36 76 46C76 72 64 82 50 82C36 82 24 72 24 46Z"'
    ' fill="{c}"/>',
    "shoes": '<path d="M28 10H58V46L92 66V84H28Z" fill="{c}"/><path d="M24 94H94"/>',
    "vest": '<path d="M28 8L44 20H56L72 8L90 26L78 40V94H22V40L10 26Z" fill="{c}" stroke="none"/>'
    '<path d="M22 62H78M22 78H78" stroke="{b}" stroke-width="6"/>',
    "earth": '<path d="M50 6V48M14 48H86M28 66H72M42 84H58"/>',
    "exit": '<path d="M8 6H44V96H8Z"/><circle cx="70" cy="18" r="8" fill="{c}" stroke="none"/>'
    '<path d="M68 30L60 56L72 72L66 94M60 56L46 74M66 34L86 44M66 34L52 40"/>',
    "extinguisher": '<path d="M34 36H62V96H34ZM40 36V22H56V36" fill="{c}"/>'
    '<path d="M56 22L78 14M40 24C24 24 20 40 22 56"/>',
    "aid": '<path d="M38 8H62V38H92V62H62V92H38V62H8V38H38Z" fill="{c}" stroke="none"/>',
}
_FRAMES: Final[dict[str, tuple[str, str, str, str, tuple[float, float, float]]]] = {
    # kind: what lies under the glyph, what lies over it, ink, ground, the glyph's place (x, y, scale)
    "prohibition": (
        f'<circle cx="50" cy="50" r="45" fill="{WHITE}" stroke="{RED}" stroke-width="9"/>',
        f'<path d="M18 18L82 82" stroke="{RED}" stroke-width="9"/>',
        BLACK, WHITE, (26, 26, 0.48),
    ),
    "warning": (
        f'<path d="M50 6L96 90H4Z" fill="{YELLOW}" stroke="{BLACK}" stroke-width="6" stroke-linejoin="round"/>',
        "", BLACK, YELLOW, (29, 40, 0.42),
    ),
    "mandatory": (f'<circle cx="50" cy="50" r="49" fill="{BLUE}"/>', "", WHITE, BLUE, (22, 22, 0.56)),
    "information": (f'<path d="M2 2H98V98H2Z" fill="{GREEN}"/>', "", WHITE, GREEN, (17, 17, 0.66)),
}  # fmt: skip


def sign_drawing(kind: str, glyph: str, *, title: str = "") -> str:
    """Return a sign as an SVG element. Raises KeyError for an unknown kind or glyph."""
    under, over, ink, ground, (x, y, scale) = _FRAMES[kind]
    strokes = f'fill="none" stroke="{ink}" stroke-width="8" stroke-linecap="round" stroke-linejoin="round"'
    drawing = GLYPHS[glyph].format(c=ink, b=ground)
    label = f' role="img" aria-label="{title}"' if title else ' aria-hidden="true"'
    return (
        f'<svg class="sign" viewBox="0 0 100 100" xmlns="http://www.w3.org/2000/svg"{label}>{under}'
        f'<g transform="translate({x} {y}) scale({scale})" {strokes}>{drawing}</g>{over}</svg>'
    )
