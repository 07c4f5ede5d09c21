"""Households, journeys and credits from the traces of a storm."""
