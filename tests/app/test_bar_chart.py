"""The bar chart's numbers are whole, however large: a cut digit is a wrong number."""

import numpy as np
import pytest
from PySide6.QtGui import QFont, QImage

from her2scope.analysis.classes import CellClass, Counts
from her2scope.app.bar_chart import BarChart
from her2scope.app.model.views.chart import Bar, Chart
from her2scope.app.model.views.legend import legend
from her2scope.app.theme import DARK, apply_theme


def _chart(value, count):
    bar = Bar(CellClass.UNSTAINED, "Intense incomplete", (240, 228, 66), None, None, None, value, "")
    made = BarChart()
    made.show_chart(Chart((bar,), (), None), legend(Counts.of({CellClass.UNSTAINED: count})))
    return made


def _ink(chart):
    """Columns with text right of the bar, from the first to the last, in pixels."""
    image = chart.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    grey = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())[
        20:, : image.width()
    ]
    columns = np.flatnonzero(np.ptp(grey[:, int(image.width() - sum(chart.columns()) - 18) :], axis=0) > 60)
    return columns[-1] - columns[0] + 1


@pytest.mark.parametrize("points", [9, 13])
def test_no_digit_of_a_proportion_or_a_count_is_cut(qapp, points):
    apply_theme(qapp, DARK)
    charts = [_chart(value, 123456) for value in ("00.0%", "100.0%")]
    for chart in charts:
        font = QFont(chart.font())
        font.setPointSize(points)
        chart.setFont(font)
        chart.resize(chart.sizeHint())
        assert chart.columns()[1] > chart.fontMetrics().horizontalAdvance("123456")
    short, whole = (_ink(chart) for chart in charts)
    digit = charts[0].fontMetrics().horizontalAdvance("1")
    assert whole - short > 0.5 * digit  # the leading 1 is there
