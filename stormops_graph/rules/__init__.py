"""The declared matching rules, how they are read and checked, and the model that was trained for them."""
