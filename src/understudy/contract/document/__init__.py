"""The document as files give it: its tree with source positions, overlays, JSON pointers."""
