"""Regular expressions and JSONPath queries that files contain, with bounds on their work."""
