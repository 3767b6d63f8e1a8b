"""The only package that knows Flask: the adapter from WSGI to messages, and the control API."""

from understudy.server.app import create_app

__all__ = ["create_app"]
