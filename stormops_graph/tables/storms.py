"""Which storm a touch or a conversion belongs to."""

from __future__ import annotations

from stormops_graph.tables.table import Table

TOUCH_STORM = Table("touch_storm", {"touch_id": "VARCHAR", "event_id": "VARCHAR"})  # only touches in a storm
CONVERSION_STORM = Table("conversion_storm", {"conversion_id": "VARCHAR", "event_id": "VARCHAR"})
