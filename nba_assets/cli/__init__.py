"""The nba-assets command, one module per subcommand. Heavy imports stay inside the commands, so that --help is instant."""
