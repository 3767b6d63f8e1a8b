"""The ledger of doubts: decisions, provenance, report formats."""
