"""Dashboards: a widget is a query; each is asked on its own, so one slow or failing widget does not hold up the rest.

Periods end with the newest row, not with today: the data of a rehearsal stand still.
"""

from __future__ import annotations

from typing import Final

from rehearsal.app_server.dashboards import car_rental, integration, real_estate, retail
from rehearsal.app_server.endpoints import reading

DASHBOARDS: Final = {
    "car-rental": car_rental.WIDGETS,
    "real-estate": real_estate.WIDGETS,
    "retail": retail.WIDGETS,
    "integration": integration.WIDGETS,
}

ROUTES: Final = [
    reading(f"/api/dashboards/{dashboard}/{widget}", query)
    for dashboard, widgets in DASHBOARDS.items()
    for widget, query in widgets.items()
]
