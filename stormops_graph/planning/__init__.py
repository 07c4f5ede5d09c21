"""What would become of households, rows, touches and credits, before anything is written."""
