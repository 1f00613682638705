-- The patches of the sky that a range of right ascension and declination touches.
--
-- The index by place has a text for each.  $PATCH_ZONES zones of declination, from the south pole on, are cut
-- into $PATCHES_OF_A_ZONE parts, from RA 0 on: the number is 100 times the zone's and the part's.  A position is in
-- one patch (half_width and half_height 0).
--
-- parameters:
--   ra           deg      right ascension of the middle, -360 to 540
--   dec          deg      declination
--   half_width   deg      half of the extent in right ascension
--   half_height  deg      half of the extent in declination
-- returns:                list of integers, each once
-- example:
--   SELECT sky_patches(323.4928, -2.064, 1, 1);
CREATE OR REPLACE MACRO sky_patches(ra, "dec", half_width, half_height) AS list_transform(
    [[
        floor((ra - least(half_width, 180)) / 360 * $PATCHES_OF_A_ZONE),
        floor((ra + least(half_width, 180)) / 360 * $PATCHES_OF_A_ZONE) + 1,
        -- The pole itself is in the last zone.
        floor((greatest("dec" - half_height, -90) + 90) / 180.000001 * $PATCH_ZONES),
        floor((least("dec" + half_height, 90) + 90) / 180.000001 * $PATCH_ZONES) + 1
    ]::BIGINT[]],
    lambda edge: flatten(list_transform(
        range(edge[3], edge[4]),
        lambda zone: list_transform(
            -- All around, but no part twice.
            range(edge[1], least(edge[2], edge[1] + $PATCHES_OF_A_ZONE)),
            lambda part: 100 * zone + (part + 2 * $PATCHES_OF_A_ZONE) % $PATCHES_OF_A_ZONE
        )
    ))
)[1];
