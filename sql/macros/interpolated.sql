-- Value at x of the straight lines through the points (xs, ys); NULL outside of xs.
--
-- parameters:
--   x                  where
--   xs                 list of at least two values, rising
--   ys                 list of as many values
-- returns:             the value
-- example:
--   SELECT interpolated(2.5, [1, 2, 3], [10, 20, 40]);
CREATE OR REPLACE MACRO interpolated(x, xs, ys) AS list_sum(list_transform(
    range(1, len(xs)),
    lambda k: CASE
        WHEN (x >= xs[k] AND x < xs[k + 1]) OR (x = xs[k + 1] AND k + 1 = len(xs))
            THEN ys[k] + (x - xs[k]) / (xs[k + 1] - xs[k]) * (ys[k + 1] - ys[k])
    END
));
