"""The checks of a call, before anything answers it."""
