"""
Characters that nothing is drawn for, as the inside of a regular expression's brackets.

One table, of which each question takes what it can argue for.
"""

#: What layout leaves away without a trace: soft hyphen, joiners, direction marks.  URL parsers
#: and mail programs drop exactly these where they make a link of text.
DROPPED_IN_LINKS = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"

#: Without honest use between two Latin letters.  Not so soft hyphens in German, marks of
#: direction beside Hebrew, and the byte order mark that old editors left behind.
DISHONEST_IN_LATIN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f"
    "\U000e0100-\U000e01ef"
)

#: Unicode's Default_Ignorable_Code_Point plus interlinear annotations: nothing of it is drawn.
NOT_DRAWN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)

#: Drawn as a space, though no program takes it for one.
BRAILLE_BLANK = "\u2800"
