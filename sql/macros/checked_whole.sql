-- A whole number of any type, NULL for NULL (all); an error when it is a fraction, or no number.
--
-- parameters:
--   number             of an eclipse or a leg, or NULL
--   name               what it is, for the message
-- returns:             the number, BIGINT
-- example:
--   SELECT checked_whole(23456, 'eclipse');
CREATE OR REPLACE MACRO checked_whole(number, name) AS CASE
    WHEN number IS NULL THEN NULL
    -- A cast to INTEGER would round, and take true for 1.
    WHEN typeof(number) <> 'BOOLEAN' AND number::DOUBLE = floor(number::DOUBLE)
        THEN number::DOUBLE::BIGINT
    ELSE error(name || ' = ' || number::VARCHAR || ': give a whole number')::BIGINT
END;
