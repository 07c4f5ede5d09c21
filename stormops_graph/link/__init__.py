"""Records to pairs with evidence."""
