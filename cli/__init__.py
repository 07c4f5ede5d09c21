"""The command line: commands, screens and rendering."""
