"""The demo app's API: each request reaches PostgreSQL as role ``authenticated`` with the caller's claims.

Nothing here decides who may see or change what: the policies in the database do. The server adds what a database has
not got: login, input validation, limits, errors with a code, and live updates.
"""
