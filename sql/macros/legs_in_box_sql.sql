-- The legs that may have photons in a box, and those of their photon files that may, as SQL.
--
-- parameters:
--   ra           deg      right ascension of the middle of the box, -360 to 540
--   dec          deg      declination
--   half_width   deg      half of the extent in right ascension
--   half_height  deg      half of the extent in declination
-- returns:                text, SQL of a list as archive_legs('photons') has it
-- example:
--   SELECT legs_in_box_sql(323.4928, -2.064, 1, 1);
CREATE OR REPLACE MACRO legs_in_box_sql(ra, "dec", half_width, half_height) AS list_transform(
    [[ra, "dec", half_width, half_height, half_height + $PATCH_REACH_DEG + $CORNER_DEG]::DOUBLE[]],
    lambda box: concat(
        'legs_of_box(',
        with_merged(patches_sql(
            box[1],
            box[2],
            box[3] + cone_half_width(
                abs(box[2]) + box[4], 3600 * ($PATCH_REACH_DEG + $CORNER_DEG)
            ),
            box[5]
        )),
        ', ',
        concat_ws(
            ', ', number_sql(box[1]), number_sql(box[2]), number_sql(box[3]), number_sql(box[4])
        ),
        ')'
    )
)[1];
