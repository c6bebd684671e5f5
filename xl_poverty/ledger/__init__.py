"""Ledgers: finding the columns of a workbook or table, and the entitlements of its rows."""
