"""The only package that knows Flask: WSGI to messages, and the control API below its prefix."""

from understudy.server.app import create_app

__all__ = ["create_app"]
