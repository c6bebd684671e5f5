"""The example workbooks: one module per document, over what all of them share."""
