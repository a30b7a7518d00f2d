"""The story of one product, played by its bodies: what ``cityledger demo`` tells.

A client of the service and of the authorisation platform beside it, over HTTP. One act goes another way: the settlement rule (``rule``),
which the API does not take yet.
"""
