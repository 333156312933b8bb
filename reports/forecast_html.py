"""A forecast as one page that opens offline."""

from __future__ import annotations

from archive_schema.forecast import ForecastOutput
from reports import anchor, clock, forecast_view, page
from reports.coverage_view import STATES


def render(f: ForecastOutput, *, zone: str, city: str = "") -> str:
    """The page, to be written as UTF-8. The same forecast gives the same bytes."""
    units = forecast_view.units(f)
    return page.render(
        "forecast.html",
        f=f,
        city=city,
        counted=anchor.counted(f.records),
        zone=zone,
        generated=clock.long_stamp(f.generated_at, zone),
        windows=forecast_view.windows(f),
        note=forecast_view.CAUTION if f.rolls else forecast_view.FIXED,
        states=STATES,
        units=units,
        lost=sum(len(u.cells) for u in units),
        thinner=forecast_view.thinner(f),
        undated=forecast_view.undated(f),
        piece=forecast_view.piece,
    )
