"""What linking costs as the table grows, beside bare Splink and beside SQL by hand.

    make bench-scale                                                    500,000, 1,000,000 and 5,000,000 records
    python -m benchmarks.scale --records 50000,100000                   other sizes
    python -m benchmarks.scale --link-table 110000,1000000              `countylink link-table` with the pinned bundle

Each step runs as a process of its own, so that the peak of its memory is its own. Records are synthetic, of the kind
whose SSNs are mostly missing.
"""
