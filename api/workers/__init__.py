"""Disposable processes in which what came from outside is read."""
