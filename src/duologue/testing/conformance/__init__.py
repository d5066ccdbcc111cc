"""Promises of protocols, held against any program that speaks them; one package for each protocol."""
