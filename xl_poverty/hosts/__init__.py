"""Where the functions and the actions meet a spreadsheet program. Nothing imports this package but the command line."""
