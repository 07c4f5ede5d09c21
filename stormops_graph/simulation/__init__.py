"""A storm world in the feeds' format, its truth apart."""

from stormops_graph.simulation.exports import SimulationReport
from stormops_graph.simulation.leads import simulate_leads
from stormops_graph.simulation.worlds import simulate

__all__ = ["SimulationReport", "simulate", "simulate_leads"]
