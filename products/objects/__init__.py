"""Objects: sources of many visits linked on the sky, and matched with tables of others."""
