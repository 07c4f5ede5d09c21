"""Households to nodes and relationships, written as differences."""
