"""The routes, each module one part of the contract."""
