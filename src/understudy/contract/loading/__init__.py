"""From files to a compiled contract: checks and the compiler."""
