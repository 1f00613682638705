-- The rows of leg_numbers, from those of legs.
SELECT DISTINCT
    eclipse,
    leg
FROM legs
ORDER BY eclipse, leg;
