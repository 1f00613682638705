"""Full-depth images of a leg: their place on the sky, planes, coverage."""
