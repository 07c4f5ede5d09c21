"""Who lives in a home: the declared leanings of personas, and their probabilities where none is given."""
