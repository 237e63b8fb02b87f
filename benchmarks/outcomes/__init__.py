"""What measures and statements cost for the members and tenants of a county of five million clients."""
