"""Lifecycles, ids and money: pure."""
