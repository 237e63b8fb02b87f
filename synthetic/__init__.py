"""The synthetic county: people, their lives, and what five agencies wrote down about them, with the truth beside it.

Nobody in here exists. `county.generate` is the way in; `lives.yaml`, `effects.yaml` and `error_rates.yaml` hold
every rate, so that a county with other lives or other clerks is a change of data.
"""
