"""The console: pages that show what the stub does, and let it be driven."""
