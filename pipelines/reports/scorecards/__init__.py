"""A provider's scorecard: its figures of a quarter beside target, peers and last quarter, each with a plain reading.

    scorecard.yaml, terms.py   which measures, which targets
    figures.py, cards.py       a card of each provider and quarter, arranged from a release's aggregate tables alone
    reading.py                 what a figure says, in sentences that claim no more than its interval
    sign_off.py                draft → provider review → final; what is final is kept, and only restated

Counts of few people are never reckoned here: every figure is a published cell, withheld where the release withholds it.
"""
