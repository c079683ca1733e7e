"""Wireglass: a Model Context Protocol runtime that sees the wire. Names load when first used."""
