-- At least how far a cone reaches in right ascension to either side of its centre.
--
-- The radius over the smallest cosine of declination in it; far above 360 for a cone over a pole.
--
-- parameters:
--   dec       deg      declination of the centre
--   radius    arcsec   radius of the cone
-- returns:  deg        half the width, or a little more
-- example:
--   SELECT cone_half_width(60, 3600);
CREATE OR REPLACE MACRO cone_half_width("dec", radius) AS
    (radius / 3600.0 + 1e-9) / cos(radians(least(abs("dec") + radius / 3600.0, 90)));
