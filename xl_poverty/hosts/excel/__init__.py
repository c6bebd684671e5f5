"""Classic Excel: the functions as macros, buttons, the ribbon, the add-in, the live workbook."""
