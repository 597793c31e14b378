"""The charts of docs/performance.md: XML, told in words too, and nothing outside the picture."""
import xml.etree.ElementTree as ElementTree

import pytest

import charts

SVG = "{http://www.w3.org/2000/svg}"
# Longer than what there is, and with what XML could trip over.
ROWS = [("Reserve, one pool, 1 in flight", 3_087.4, "3,087/s, 0.007"), ('<b> & "quotes"', 250_000, "250,000/s, 0.5"),
        ("A label that is as long as any label of a row will ever be", 1, "1/s, 0.000"), ("nothing", None, "failed")]
LATENCIES = [("Reserve", (0.299, 0.4, 0.565, 3.326)), ("the same four times", (1, 1, 1, 1)), ("none", (None,) * 4),
             ("far apart", (0.001, 0.1, 10, 12_345.678))]
PANELS = [("requests/s", False, [("Reserve", [250_000, 240_000, None, 180_000])]),
          ("latency, ms", True, [("p50", [1, 2, 3, 4]), ("p99", [9.5, 10, 11.25, 1_200]), ("none", [None] * 4)]),
          ("nothing yet", False, [("Reserve", [None] * 4)]), ("nought", False, [("errors", [0, 0, 0, 0])])]
STEPS = ["empty", "10 thousand", "1 million", "10 million"]


def drawn():
    return {
        "bars": charts.bars("Title & more", "All <of> it", ROWS),
        "no bars": charts.bars("Nothing", "There is nothing", []),
        "percentiles": charts.percentiles("Latency", "Lower is better", ["p50", "p90", "p99", "p99.9"], LATENCIES, "ms"),
        "curves": charts.curves("Growth", "As it grows", "reservations", STEPS, PANELS),
        "one step": charts.curves("Growth", "As it grows", "reservations", ["now"], [("rate", False, [("Reserve", [5])])]),
    }


def points(element):
    """The corners of what an element covers."""
    def value(name):
        return float(element.get(name, 0))

    name = element.tag.removeprefix(SVG)
    if name == "rect":
        return [(value("x"), value("y")), (value("x") + value("width"), value("y") + value("height"))]
    if name == "circle":
        return [(value("cx") - value("r"), value("cy") - value("r")), (value("cx") + value("r"), value("cy") + value("r"))]
    if name == "line":
        return [(value("x1"), value("y1")), (value("x2"), value("y2"))]
    if name in ("polygon", "polyline"):
        return [tuple(map(float, point.split(","))) for point in element.get("points").split()]
    if name == "text":
        width = charts.text_width(element.text)
        left = value("x") - {None: 0, "middle": width / 2, "end": width}[element.get("text-anchor")]
        return [(left, value("y") - charts.FONT), (left + width, value("y") + charts.FONT / 4)]
    assert name in ("svg", "title", "desc", "style"), f"a new element, {name}: say here what it covers"
    return []


@pytest.mark.parametrize("name", drawn())
def test_it_is_told_in_words_and_fits(name):
    root = ElementTree.fromstring(drawn()[name])
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")]
    assert root.find(f"{SVG}title").text and root.find(f"{SVG}desc").text
    style = root.find(f"{SVG}style").text
    assert "prefers-color-scheme: dark" in style and "currentColor" in style
    left, top, width, height = map(float, root.get("viewBox").split())
    for element in root.iter():
        for x, y in points(element):
            assert left - 0.01 <= x <= left + width + 0.01 and top - 0.01 <= y <= top + height + 0.01, ElementTree.tostring(element)


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_row_is_in_it():
    found = drawn()
    assert {text for row in ROWS for text in (row[0], row[2])} <= set(texts(found["bars"]))
    assert {label for label, _ in LATENCIES} | {"p50", "p90", "p99", "p99.9"} <= set(texts(found["percentiles"]))
    assert "0.001 · 0.1 · 10 · 12,346" in texts(found["percentiles"])
    assert set(STEPS) | {"reservations", "p50", "p99", "250,000", "180,000", "1,200"} <= set(texts(found["curves"]))


def test_bars_are_as_long_as_what_they_stand_for():
    svg = charts.bars("Title", "Text", [("one", 100, ""), ("half", 50, ""), ("none", None, "")])
    widths = [float(rect.get("width")) for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    assert len(widths) == 2 and widths[0] == pytest.approx(2 * widths[1], abs=0.02)


def test_a_logarithmic_axis_has_equal_steps_for_equal_factors():
    scale = charts.Scale([0.3, 700], 0, 400, log=True)
    assert scale.marks == [0.1, 1, 10, 100, 1_000]
    assert scale.at(1) - scale.at(0.1) == pytest.approx(100) == scale.at(50) - scale.at(5)
    assert scale.at(0.0001) == 0


@pytest.mark.parametrize("top", [0.004, 1, 3, 7.5, 99, 100, 101, 47_915, 656_000, 10 ** 12])
def test_axes_end_at_or_above_the_highest_value(top):
    scale = charts.Scale([top], 0, 100)
    assert scale.high >= top * 0.999 and 3 <= len(scale.marks) <= 7 and scale.at(top) <= 100.2


def test_the_same_figures_give_the_same_text():
    assert drawn() == drawn()


@pytest.mark.parametrize("values", [(5, 5), (0, 0), (100, 99), (100, 0)])
def test_two_figures_of_one_step_can_both_be_read(values):
    svg = charts.curves("T", "D", "x", ["now"], [("rate", False, [("a", [values[0]]), ("b", [values[1]])])])
    found = [points(element) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    for index, one in enumerate(found):
        for other in found[index + 1:]:
            apart = one[1][0] <= other[0][0] or other[1][0] <= one[0][0] or one[1][1] <= other[0][1] or other[1][1] <= one[0][1]
            assert apart, (one, other)


def test_no_figure_lies_on_its_bar():
    root = ElementTree.fromstring(drawn()["bars"])
    bars = [points(element) for element in root.iter(f"{SVG}rect")]
    for text in map(points, root.iter(f"{SVG}text")):
        for bar in bars:
            assert text[1][0] <= bar[0][0] or bar[1][0] <= text[0][0] or text[1][1] <= bar[0][1] or bar[1][1] <= text[0][1]
