"""The nba-assets command, one module per subcommand; heavy imports stay inside them, for a quick --help."""
