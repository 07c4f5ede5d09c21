"""One household drawn: its homes, persons, records, identifiers, the evidence between them, and its journeys."""
