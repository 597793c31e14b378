"""Draws the charts of docs/performance.md as SVG: bars, percentiles and curves. Python's standard library, and the same text for the same
figures.

Not for what the figures mean: callers bring labels and values. The one thing to know before changing it: a chart is an image in a page
whose colours it does not see, so it follows the reader's light or dark scheme by itself, and what a colour says is said by a shape or a
word, too. Tests/Scripts/test_charts.py checks that all of it lies inside the view box.
"""
import math
from xml.sax.saxutils import escape

WIDTH = 960
FONT = 13
# How wide a letter is at most on average, in parts of its size: generous, for nobody knows the reader's font.
LETTER = 0.6
STYLE = """
    svg { color: #1f2328; font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: %dpx; }
    text { fill: currentColor; }
    .faint { opacity: 0.75; }
    .grid { stroke: currentColor; stroke-opacity: 0.2; stroke-width: 1; }
    .axis { stroke: currentColor; stroke-opacity: 0.6; stroke-width: 1; }
    .a { fill: #0b62c4; stroke: #0b62c4; }
    .b { fill: #b34700; stroke: #b34700; }
    .c { fill: #1a7f37; stroke: #1a7f37; }
    .d { fill: #8250df; stroke: #8250df; }
    .line { fill: none; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      svg { color: #e6edf3; }
      .a { fill: #6cb6ff; stroke: #6cb6ff; }
      .b { fill: #f69d50; stroke: #f69d50; }
      .c { fill: #57ab5a; stroke: #57ab5a; }
      .d { fill: #c297ff; stroke: #c297ff; }
      .line { fill: none; }
    }
""" % FONT
CLASSES = "abcd"


def text_width(text):
    return len(text) * FONT * LETTER


def number(value):
    """A coordinate: two digits, so that the text does not depend on the last bits of a float."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def figure(value):
    """A value for people: three digits that count, thousands set apart."""
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Drawing:
    """Elements of one chart, from top to bottom."""

    def __init__(self, title, description):
        self.title, self.description, self.elements, self.height = title, description, [], 0
        self.text(0, 20, title, weight="600")
        self.height = 36

    def add(self, name, text=None, **attributes):
        told = "".join(
            f' {key.rstrip("_").replace("_", "-")}="{escape(number(value) if isinstance(value, (int, float)) else value, QUOTES)}"'
            for key, value in attributes.items() if value is not None)
        self.elements.append(f"  <{name}{told}/>" if text is None else f"  <{name}{told}>{escape(text)}</{name}>")

    def text(self, x, y, text, anchor=None, faint=False, weight=None):
        """Inside the picture, whatever its length: what would stand out at the sides is moved in."""
        width = text_width(text)
        left = x - {None: 0, "middle": width / 2, "end": width}[anchor]
        x += max(0, -left) - max(0, left + width - WIDTH)
        self.add("text", text, x=x, y=y, text_anchor=anchor, class_="faint" if faint else None, font_weight=weight)

    def line(self, x1, y1, x2, y2, class_):
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)

    def marker(self, kind, x, y):
        """The kind-th of four shapes, in the colour that goes with it."""
        class_ = CLASSES[kind % 4]
        if kind % 4 == 0:
            self.add("circle", cx=x, cy=y, r=5, class_=class_)
        elif kind % 4 == 1:
            self.add("rect", x=x - 4.5, y=y - 4.5, width=9, height=9, class_=class_)
        else:
            corners = [(0, -6), (6, 5), (-6, 5)] if kind % 4 == 2 else [(0, -6), (6, 0), (0, 6), (-6, 0)]
            self.add("polygon", points=" ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in corners), class_=class_)

    def legend(self, x, y, labels):
        for kind, label in enumerate(labels):
            self.marker(kind, x + 6, y - 4)
            self.text(x + 18, y, label)
            x += 18 + text_width(label) + 24

    def render(self):
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {number(self.height)}" role="img" '
                f'aria-labelledby="title desc">')
        return "\n".join([
            head, f'  <title id="title">{escape(self.title)}</title>', f'  <desc id="desc">{escape(self.description)}</desc>',
            f"  <style>{STYLE}  </style>", *self.elements, "</svg>", ""])


QUOTES = {'"': "&quot;"}


class Scale:
    """Values to places, from nought or logarithmic, with round marks."""

    def __init__(self, values, start, end, log=False):
        found = [value for value in values if value is not None and (value > 0 or not log)]
        self.log, self.start, self.end = log, start, end
        if log:
            low = math.floor(math.log10(min(found, default=1)))
            self.low, self.high = low, max(math.ceil(math.log10(max(found, default=1))), low + 1)
            self.marks = [10.0 ** power for power in range(self.low, self.high + 1)]
        else:
            step = self.step(max(found, default=1) or 1)
            self.low, self.high = 0, step * max(1, math.ceil(max(found, default=1) / step - 1e-9))
            self.marks = [step * count for count in range(round(self.high / step) + 1)]

    @staticmethod
    def step(top):
        """A round part of the axis: about four of them."""
        rough = top / 4
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * part for part in (1, 2, 2.5, 5, 10) if power * part >= rough * 0.999)

    def at(self, value):
        place = math.log10(max(value, 10.0 ** self.low)) if self.log else value
        return self.start + (self.end - self.start) * (place - self.low) / (self.high - self.low)


def bars(title, description, rows):
    """Horizontal bars: `rows` are a label, a value (None: there is none) and what stands behind it."""
    chart = Drawing(title, description)
    left = 24 + max((text_width(label) for label, _, _ in rows), default=0)
    behind = 16 + max((text_width(text) for _, _, text in rows), default=0)
    scale = Scale([value for _, value, _ in rows], left, WIDTH - behind)
    top, bottom = chart.height, chart.height + 26 * len(rows)
    for mark in scale.marks:
        chart.line(scale.at(mark), top, scale.at(mark), bottom, "grid")
        chart.text(scale.at(mark), bottom + 18, figure(mark), "middle", faint=True)
    for index, (label, value, text) in enumerate(rows):
        y = top + 26 * index
        chart.text(left - 12, y + 18, label, "end")
        if value is not None:
            chart.add("rect", x=left, y=y + 5, width=max(1, scale.at(value) - left), height=16, class_="a")
        chart.text(scale.at(value or 0) + 8, y + 18, text)
    chart.line(left, top, left, bottom, "axis")
    chart.height = bottom + 28
    return chart.render()


def percentiles(title, description, names, rows, unit):
    """A line for each row on a logarithmic axis: `rows` are a label and as many values as there are `names`."""
    chart = Drawing(title, description)
    chart.legend(0, chart.height + 12, names)
    left = 24 + max((text_width(label) for label, _ in rows), default=0)
    behind = 32 + max((text_width(beside(values)) for _, values in rows), default=0)
    scale = Scale([value for _, values in rows for value in values], left, WIDTH - behind, log=True)
    top, bottom = chart.height + 28, chart.height + 28 + 28 * len(rows)
    for mark in scale.marks:
        chart.line(scale.at(mark), top, scale.at(mark), bottom, "grid")
        chart.text(scale.at(mark), bottom + 18, f"{figure(mark)} {unit}", "middle", faint=True)
    for index, (label, values) in enumerate(rows):
        y = top + 28 * index + 14
        chart.text(left - 16, y + 4, label, "end")
        places = [scale.at(value) for value in values if value is not None]
        if places:
            chart.line(min(places), y, max(places), y, "axis")
        # The last is drawn first: where two are one, the lower percentile is seen.
        for kind, value in reversed(list(enumerate(values))):
            if value is not None:
                chart.marker(kind, scale.at(value), y)
        chart.text(WIDTH - behind + 24, y + 4, beside(values), faint=True)
    chart.height = bottom + 28
    return chart.render()


def beside(values):
    return " · ".join(figure(value) for value in values)


def curves(title, description, x_title, x_labels, panels):
    """Panels one below the other over the same steps. A panel is its title, whether it is logarithmic, and series of a label and a value
    for each step (None: there is none)."""
    chart = Drawing(title, description)
    left, right = 96, WIDTH - 56
    places = [left + 24 + (right - left - 48) * index / max(1, len(x_labels) - 1) for index in range(len(x_labels))]
    for name, log, series in panels:
        chart.text(0, chart.height + 14, name, weight="600")
        if len(series) > 1:
            chart.legend(text_width(name) + 32, chart.height + 14, [label for label, _ in series])
        top, bottom = chart.height + 42, chart.height + 180
        scale = Scale([value for _, values in series for value in values], bottom, top, log)
        for mark in scale.marks:
            chart.line(left, scale.at(mark), right, scale.at(mark), "grid")
            chart.text(left - 8, scale.at(mark) + 4, figure(mark), "end", faint=True)
        for kind, (_, values) in enumerate(series):
            curve(chart, kind, [(x, scale.at(value)) for x, value in zip(places, values) if value is not None])
        for index, x in enumerate(places):
            beside_markers(chart, x, scale, [values[index] for _, values in series if values[index] is not None])
            chart.text(x, bottom + 38, x_labels[index], "middle", faint=True)
        chart.height = bottom + 58
    chart.text((left + right) / 2, chart.height, x_title, "middle")
    chart.height += 14
    return chart.render()


def curve(chart, kind, points):
    line = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    if len(points) > 1:
        chart.add("polyline", points=line, class_=f"{CLASSES[kind % 4]} line")
    for x, y in points:
        chart.marker(kind, x, y)


def beside_markers(chart, x, scale, values):
    """The figures of one step: the least of several stands below its marker, the others above theirs."""
    for rank, value in enumerate(sorted(values)):
        is_below = rank == 0 and len(values) > 1
        chart.text(x, scale.at(value) + (20 if is_below else -10), figure(value), "middle")
