"""Rules across messages: what several answers of one server have to agree on."""
