"""Credits to look at: the HTML report of an `attribute`, and its charts."""

from stormops_graph.credit_page.charts import pictures
from stormops_graph.credit_page.page import page

__all__ = ["page", "pictures"]
