"""Charts as SVG, drawn by Altair without a browser and without a network; every chart says its content in words.

    frames.py     what all scorecards of a measure share: axes, target, all providers over time
    providers.py  the funnel and the caterpillar: all providers at once
    bars.py       parts of a whole, side by side
    rendering.py  a specification of Altair → SVG that stands in a page: title, description, ids of its own

Belongs here: what a chart looks like. Which figures it shows is decided by whoever calls.
"""
