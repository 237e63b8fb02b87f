"""Underwrite an outcomes contract: what it may come to pay, by what chance, and what that rests on."""
