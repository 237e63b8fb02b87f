"""What is measured, how, and against what.

    make bench                                    the nightly run, beside bare Splink, at 100,000 and 1,000,000 clients
    python -m benchmarks nightly --clients 20000  one size
    make bench-linkage                            accuracy, beside Splink's tutorial, dedupe and exact rules
    make bench-scale                              what linking costs as the table grows, and what a night costs

Each benchmark prints both sides of its ratio from one run on one machine. The tests check the arithmetic that figures
rest on, not the figures.
"""
