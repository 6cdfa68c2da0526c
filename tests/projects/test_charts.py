"""Charts: widths and heights are in proportion, figures are printed, labels are escaped."""

import re
from decimal import Decimal

from core.templatetags.burn_picture import Burn, burn_chart
from core.templatetags.chart_pictures import Bar, Column, Slice, age_bar, columns_chart, meter, stacked_bars

AGES = [
    Slice("0–30", Decimal(50)),
    Slice("31–60", Decimal(0)),
    Slice("61–90", Decimal(25)),
    Slice("91+", Decimal(25)),
]


def widths(drawn: str) -> list[str]:
    return re.findall(r'<rect [^>]*?width="([\d.]+)%"', drawn)


def test_an_age_bar_shares_its_width_and_names_every_bucket():
    drawn = age_bar(AGES)
    assert widths(drawn) == ["49.65", "24.65", "24.65"]
    assert 'aria-label="0–30 50%, 31–60 0%, 61–90 25%, 91+ 25%"' in drawn
    assert drawn.count('fill="url(#age)"') == 2


def test_an_age_bar_of_nothing_is_empty_and_does_not_fail():
    assert widths(age_bar([Slice("0–30", Decimal(0))])) == []


def test_stacked_bars_share_one_scale_and_print_their_totals():
    bars = [Bar("Moser", [Slice("a", Decimal(200))]), Bar("<Feld>", [Slice("a", Decimal(100))])]
    drawn = stacked_bars(bars, "EUR")
    assert widths(drawn) == ["99.65", "49.65"]
    assert "€200.00" in drawn
    assert "&lt;Feld&gt;" in drawn


def test_columns_stand_on_a_line_and_credits_hang_below_it():
    drawn = columns_chart(
        [Column("Oct", Decimal(100)), Column("Nov", Decimal(50), Decimal(-54))], "EUR", height=220
    )
    heights = re.findall(r'<rect class="(series-\d)" [^>]*height="([\d.]+)"', drawn)
    assert heights == [("series-1", "100.00"), ("series-1", "50.00"), ("series-2", "54.00")]
    assert ">−54<" in drawn


def test_a_chart_without_columns_is_drawn():
    assert columns_chart([], "EUR").startswith("<svg")


def test_a_meter_warns_at_ninety_and_alarms_at_a_hundred():
    assert [
        re.search(r'rect class="(\w*)"', meter(Decimal(value)))[1] for value in ("89.9", "90", "100")
    ] == [
        "",
        "near",
        "over",
    ]
    assert 'width="100.00%"' in meter(Decimal("108.9"))
    assert "108.9%" in meter(Decimal("108.9"))


def texts(drawn: str) -> list[tuple[Decimal, Decimal, str]]:
    """Words of a chart: where they begin in percent, their height, and what they say."""
    matches = re.findall(r'<text class="[^"]*" x="([\d.]+)%?" y="([\d.]+)">([^<]*)<', drawn)
    return [(Decimal(x), Decimal(y), words) for x, y, words in matches]


def test_figures_of_a_burn_chart_stand_beside_what_they_are_about():
    """The ends are in the months to come, so that no area or line goes through them."""
    burn = Burn(["Jan", "Feb", "Mar", "Apr"], [Decimal(0)] * 3, [Decimal(90)] * 3, Decimal(100), None)
    placed = {words: (x, y) for x, y, words in texts(burn_chart(burn, "EUR", height=260))}
    assert placed["€90.00"][0] > 75
    # The figure of nothing stands above the line of the months, and below that of the other area.
    assert placed["€90.00"][1] + 30 <= placed["€0.00"][1] <= 260 - 36
    assert placed["Contract value €100.00"][0] == 9


def test_an_axis_has_round_figures():
    drawn = columns_chart([Column("Oct", Decimal(69_900)), Column("Nov", Decimal(56_400))], "EUR")
    assert re.findall(r'<text class="chart-small apart" [^>]*>([^<]*)<', drawn) == ["20K", "40K", "60K"]
    assert drawn.count('class="grid"') == 3
    assert 'class="grid"' not in columns_chart([Column("Oct", Decimal(0))], "EUR")


def test_a_burn_chart_prints_both_figures_value_and_limit():
    burn = Burn(["Jan", "Feb"], [Decimal(40)], [Decimal(60)], Decimal(100), Decimal(120))
    drawn = burn_chart(burn, "EUR")
    for figure in ("€40.00", "€60.00", "Contract value €100.00", "Not to exceed €120.00"):
        assert figure in drawn
