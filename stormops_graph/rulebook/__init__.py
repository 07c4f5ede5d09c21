"""A project's rules as a whole: checked against each other, compared with others, brought up to date."""
