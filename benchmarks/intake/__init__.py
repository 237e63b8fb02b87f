"""How fast a large file is taken in, beside the plainest way of doing as much.

steps.py     each side, as a process of its own          extract.sql  the file: a Mental Health client extract
__main__.py  both sides in one run, and their ratio
"""
