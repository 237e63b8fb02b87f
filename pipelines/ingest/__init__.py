"""Take deliveries as they were sent: nothing changed, nothing lost, sent twice taken once."""
