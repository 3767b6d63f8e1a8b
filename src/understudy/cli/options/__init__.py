"""Options that commands share, with what reads them."""
