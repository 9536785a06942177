"""Names of the invented players.

Names are pairs from two lists, so they look like names without being anybody's; how a name is joined to other sources
is `player_lookup` in `sources/protocol.py`.
"""

from __future__ import annotations

from nba_assets.sources.simulated.numerics import generator

_FIRST = [
    "Abel", "Adair", "Alaric", "Alonzo", "Amari", "Ambrose", "André", "Anselm", "Archer", "Ashwin", "Auden",
    "Aurelio", "Bastien", "Beckett", "Benoît", "Boško", "Brannon", "Calder", "Caspian", "Cassius", "Cedric",
    "Chidi", "Clément", "Corwin", "Cyprian", "Damar", "Dashiell", "Davor", "Deacon", "Delroy", "Demba",
    "Desmond", "Dražen", "Edmund", "Eloy", "Emeka", "Enzo", "Ephraim", "Étienne", "Ezra", "Fabrice", "Felton",
    "Fermín", "Florian", "Gaspard", "Gideon", "Goran", "Gustavo", "Hakan", "Hamish", "Hollis", "Ibrahima",
    "Ignác", "Ilya", "Isandro", "Ivo", "Jabir", "Jermey", "Joaquín", "Jorah", "Juwon", "Kaspar", "Kelechi",
    "Kendrell", "Kingsley", "Lamont", "Leandro", "Lemuel", "Lionel", "Luka-Jon", "Mamadou", "Marek", "Matéo",
    "Merrick", "Milo", "Mirko", "Montrell", "Nehemiah", "Nevin", "Niklas", "Obinna", "Odell", "Osric", "Otto",
    "Pascoe", "Percival", "Quillan", "Radek", "Rémy", "Rodrigo", "Roscoe", "Ruben", "Samir", "Seydou", "Silas",
    "Stellan", "Tadeo", "Tariq", "Tavian", "Thaddeus", "Tomáš", "Torvald", "Ulises", "Valentin", "Vaughn",
    "Wendell", "Xavion", "Yannick", "Zdeněk", "Zephyr",
]  # fmt: skip

_LAST = [
    "Abara", "Achterberg", "Adeyinka", "Aldana", "Alderwood", "Amberley", "Anikulapo", "Ashcombe", "Balogh",
    "Barnaby", "Bellweather", "Bergström", "Birchall", "Blackmoor", "Bojović", "Bramwell", "Brightwell",
    "Calloway-Reed", "Carnegy", "Castellanos", "Chukwuma", "Coldwater", "Corrigan", "Crosswell", "Dacosta",
    "Dardenne", "Delacroix", "Dieng-Faye", "Dragović", "Drummond-Hale", "Duarte", "Easterling", "Eberhart",
    "Ekström", "Ellingboe", "Fairweather", "Fenwick", "Ferragut", "Fontenelle", "Fosberry", "Gallardo",
    "Garrickson", "Ghirlanda", "Goodfellow", "Grayling", "Greenhalgh", "Gündoğan", "Halloway", "Hartigan",
    "Hawksworth", "Hjelm", "Holloman", "Iglesias-Roy", "Ilić", "Ironside", "Jagodić", "Jarnvik", "Kasprzak",
    "Keswick", "Kilbride", "Kowalewicz", "Kvist", "Lamoureux", "Langstaff", "Larkspur", "Lindqvist",
    "Lockridge", "Maddigan", "Makinde", "Marchetti", "Merriweather-Cole", "Mihalcea", "Moravec", "Mwangi",
    "N'Dour-Ba", "Nakamura-Lee", "Nørgaard", "Northcutt", "O'Hanrahan", "Oduya", "Okonjo", "Ostrander",
    "Palomares", "Papadakis", "Pemberley", "Pettibone", "Quartey", "Quintanar", "Radcliffe", "Ravensdale",
    "Rookwood", "Rosenqvist", "Saavedra", "Sandringham", "Šarunas", "Selassie", "Silverthorne", "Skovgaard",
    "Stankevič", "Strömberg", "Tallmadge", "Thistlewood", "Tolliver", "Trevanion", "Umeh", "Underhill",
    "Valcourt", "Vandermeer", "Vasquez-Dunn", "Velikov", "Wadsworth", "Weatherby", "Whitlock-Ames",
    "Wintergreen", "Wyndham", "Yarborough", "Yilmazer", "Zaldívar", "Zimmerhof", "Zoubek",
]  # fmt: skip

_SUFFIXES = ("Jr.", "II", "III", "Sr.")


def player_names(seed: int, count: int) -> list[str]:
    """The first `count` names of a league, each one once; asking for more later leaves the earlier ones as they are."""
    order = generator(seed, 0, "names").permutation(len(_FIRST) * len(_LAST))
    suffix_draws = generator(seed, 0, "name suffixes").random(len(order))
    names = []
    for number in range(count):
        first, last = divmod(int(order[number % len(order)]), len(_LAST))
        name = f"{_FIRST[first]} {_LAST[last]}"
        draw = suffix_draws[number % len(order)]
        if draw < 0.05:
            name += f" {_SUFFIXES[int(draw / 0.05 * len(_SUFFIXES))]}"
        names.append(name if number < len(order) else f"{name} {number // len(order) + 3}")
    return names
