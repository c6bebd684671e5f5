"""Where the functions and the actions meet a spreadsheet program. Nothing imports this package but the command line."""

#: what stands over menus, tabs and messages of ours
TITLE = "帮扶"
