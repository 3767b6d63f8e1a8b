"""Values of the OCP API that obey its domain: tasks, pages, logs, envelopes, and whole worlds."""
