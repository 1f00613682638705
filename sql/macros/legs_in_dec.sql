-- The legs whose photons may lie in a range of declination.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
--   dec_min   deg      lower bound
--   dec_max   deg      upper bound
-- returns:             list, as archive_legs(kind) has it
-- example:
--   SELECT len(legs_in_dec('photons', -3, -2)) AS legs;
CREATE OR REPLACE MACRO legs_in_dec(kind, dec_min, dec_max) AS list_filter(
    archive_legs(kind),
    -- Photons in the detector's corners lie up to $CORNER_DEG deg outside of the exposed field.
    lambda each: each[5]::DOUBLE + each[6]::DOUBLE + $CORNER_DEG >= dec_min
    AND each[5]::DOUBLE - each[6]::DOUBLE - $CORNER_DEG <= dec_max
);
