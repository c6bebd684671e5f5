"""LibreOffice Calc: the extension with the functions and the menu, and what it does in documents that are open."""
