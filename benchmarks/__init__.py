"""What is measured, how, and against what.

    make bench                                    the nightly run, beside bare Splink, at 100,000 and 1,000,000 clients
    python -m benchmarks nightly --clients 20000  one size

Each benchmark prints both sides of its ratio from one run on one machine. Nothing here is part of the tests.
"""
