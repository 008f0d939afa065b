"""What surrogates are made of: names that fit any gender, streets and towns that are on no map we know."""

from chatforge.dialogues.privacy.words import word_set

GIVEN = sorted(
    word_set(
        """
        Arden Bellamy Briar Caelan Cassidy Corin Darcey Devlin Ellery Emlyn Finley Gentry Halcyon Indigo Jessamy Joss
        Keelan Kestrel Larkin Lennox Linden Lorne Marlow Merrin Morrow Nevin Oakley Orrin Peregrin Perrin Quill Rafferty
        Reeve Remy Rowan Sable Sanna Shiloh Sorrel Tamsin Tarn Teagan Tiernan Vesper Whitley Wren Yael Zephyr
        """
    )
)

_FRONTS = word_set(
    "Alder Ash Birk Brack Cald Copper Dun Ember Fen Gale Hazel Hollin Lark Mar Oaken Quarl Raven Sel Thorn"
)
_ENDS = word_set(
    "acre beck bourne combe croft dale fell field garth grove hurst leigh mere ridge shaw stead thwaite wick"
)
FAMILY = sorted(front + end for front in _FRONTS for end in _ENDS)
"""Names that sound like places: "Ashgrove", "Fenwick"."""

STREETS = sorted(
    word_set("Brindle Coppice Fennick Larkmere Marrowby Oakbarrow Quillgate Sandrake Umberley Wickenhall Yarrowby")
)
TOWNS = sorted(
    word_set("Eastmere Fenbury Larkstead Marrowfield Oakhollow Quillhaven Ravensford Seldale Thornwick Umberton")
)

DOMAINS = ("example.com", "example.org", "example.net")
"""Reserved by RFC 2606: nobody's."""

NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")
"""Reserved for documentation by RFC 5737."""

AREAS = ("202", "303", "312", "404", "503", "617", "702", "808")
"""North American area codes; in each of them 555-0100 to 555-0199 are reserved for fiction."""

COUNTRY_NUMBERS = {
    "1": "20255501", "33": "19900", "353": "2091", "44": "7700900", "46": "8465004", "49": "3023125", "61": "491570"
}  # fmt: skip
"""Beginnings of numbers that are reserved for fiction, by the code of their country: by NANPA, Arcep, ComReg, Ofcom,
PTS, the Bundesnetzagentur and the ACMA."""

MONTHS = (
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
     "December"),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
     "Dezember"),
)  # fmt: skip
"""English, English abbreviated, German."""
