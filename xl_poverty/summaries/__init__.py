"""What is made of ledgers: summaries, rosters, notices, audits, comparison of periods, merging, splitting, export.

Each stands in the module of its name, with one function that does the whole: `summary.summarise_files`,
`roster.roster`, `notice.notice`, `audit.audit`, `periods.compare_periods`, `merging.merge`, `splitting.split`,
`export.export`.
"""
