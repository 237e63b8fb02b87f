"""The queries of `pipelines.publish.difference`, one a kind of difference."""
