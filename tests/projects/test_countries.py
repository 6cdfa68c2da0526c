"""Countries to choose are the countries of today, each with its name."""

from projects.forms.choices import countries


def test_only_countries_of_today_are_offered_and_each_has_a_name():
    offered = dict(countries())
    assert (offered["DE"], offered["ID"], offered["XK"]) == ("Germany", "Indonesia", "Kosovo")
    gone = {"BU", "CS", "DD", "EU", "SU", "TP", "YD", "YU", "ZR", "ZZ"}
    assert not gone & set(offered)
    assert not [code for code, name in offered.items() if code and name == code]
