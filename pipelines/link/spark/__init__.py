"""The same rules and the same bundle on Apache Spark, for counties that one machine cannot hold.

Only the two steps that grow with the pairs run here: meeting and scoring candidates, and scoring inside components.
Standardising, guards and clusters stay where they are. Needs the extra `spark` (pyspark) and Java 17 or newer.
"""
