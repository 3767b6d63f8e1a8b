"""HTTPS: certificates, encrypted sockets and their connections. Imported only when it is used."""
