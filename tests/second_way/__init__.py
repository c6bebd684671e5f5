"""A second reader of the example ledgers: plain cells, fractions, the documents' sentences, no code of the library."""
