-- A range of cells of the sky that holds every photon of a cone: it chooses row groups.
--
-- Photons lie in their files by cell.  Along the two diagonals of the cells (Gorski et al. 2005,
-- section 4) bounds in right ascension and declination are bounds as well, so that the first cell
-- of their rectangle has the lowest number, and the last one the highest.  A cone that reaches
-- over a corner of the twelve large cells is given all cells of the sky.
--
-- Fields of structs stand in brackets: in arguments of a table function DuckDB takes box.west for text.
--
-- parameters:
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   of the cone, above 0
-- returns:             list of two integers, the first cell and the last
-- example:
--   SELECT cone_cells(323.4928, -2.064, 12.8);
CREATE OR REPLACE MACRO cone_cells(ra, "dec", radius) AS list_transform(
    list_transform(
        list_transform(
            -- 0.1 arcsec more: rounded positions lie up to 2 mas outside of their cell.
            [struct_pack(
                -- Quarters of a turn; 4 more, so that they are positive.
                west := (positive_ra(ra::DOUBLE) - cone_half_width("dec"::DOUBLE, radius + 0.1)) / 90 + 4,
                east := (positive_ra(ra::DOUBLE) + cone_half_width("dec"::DOUBLE, radius + 0.1)) / 90 + 4,
                least := radians(abs("dec"::DOUBLE) - (radius + 0.1) / 3600),
                most := radians(least(abs("dec"::DOUBLE) + (radius + 0.1) / 3600, 90)),
                north := "dec"::DOUBLE >= 0
            )],
            -- p to the north-east, m to the south-east, in sides of a large cell.
            lambda box: CASE
                WHEN sin(box['most']) <= 2 / 3 THEN struct_pack(
                    polar := false,
                    north := box['north'],
                    turn := [0.0::DOUBLE, 0.0],
                    p := [
                        0.5 + box['west'] - 0.75 * sin(CASE WHEN box['north'] THEN box['most'] ELSE -box['least'] END),
                        0.5 + box['east'] - 0.75 * sin(CASE WHEN box['north'] THEN box['least'] ELSE -box['most'] END)
                    ],
                    m := [
                        0.5 + box['west'] + 0.75 * sin(CASE WHEN box['north'] THEN box['least'] ELSE -box['most'] END),
                        0.5 + box['east'] + 0.75 * sin(CASE WHEN box['north'] THEN box['most'] ELSE -box['least'] END)
                    ]
                )
                WHEN sin(box['least']) > 2 / 3 THEN struct_pack(
                    polar := true,
                    north := box['north'],
                    turn := [box['west'], box['east']],
                    p := [
                        (box['west'] % 1) * cos(box['most']) / sqrt((1 + sin(box['most'])) / 3),
                        (box['east'] % 1) * cos(box['least']) / sqrt((1 + sin(box['least'])) / 3)
                    ],
                    m := [
                        (1 - box['east'] % 1) * cos(box['most']) / sqrt((1 + sin(box['most'])) / 3),
                        (1 - box['west'] % 1) * cos(box['least']) / sqrt((1 + sin(box['least'])) / 3)
                    ]
                )
            END
        ),
        lambda line: CASE
            WHEN floor(line['turn'][1]) = floor(line['turn'][2]) AND line['polar'] AND line['north']
                THEN struct_pack(
                    face := floor(line['turn'][1]) % 4,
                    x := [1 - line['m'][2], 1 - line['m'][1]],
                    y := [1 - line['p'][2], 1 - line['p'][1]]
                )
            WHEN floor(line['turn'][1]) = floor(line['turn'][2]) AND line['polar']
                THEN struct_pack(face := floor(line['turn'][1]) % 4 + 8, x := line['p'], y := line['m'])
            WHEN NOT line['polar'] AND floor(line['p'][1]) = floor(line['p'][2])
            AND floor(line['m'][1]) = floor(line['m'][2])
                THEN struct_pack(
                    face := CASE sign(floor(line['p'][1]) - floor(line['m'][1]))
                        WHEN 0 THEN floor(line['p'][1]) % 4 + 4
                        WHEN -1 THEN floor(line['p'][1]) % 4
                        ELSE floor(line['m'][1]) % 4 + 8
                    END,
                    x := [line['m'][1] % 1, line['m'][2] % 1],
                    y := [1 - line['p'][2] % 1, 1 - line['p'][1] % 1]
                )
        END
    ),
    lambda square: CASE
        WHEN square IS NULL THEN [0, 12 * $CELL_NSIDE * $CELL_NSIDE - 1]
        ELSE list_transform(
            [1, 2],
            lambda k: (
                square['face'] * $CELL_NSIDE * $CELL_NSIDE
                -- The bits of x and y alternate.
                + list_sum(list_transform(
                    range($CELL_ORDER),
                    lambda bit: (
                        ((least(floor($CELL_NSIDE * square['x'][k]), $CELL_NSIDE - 1)::BIGINT >> bit) & 1)
                        + 2 * ((least(floor($CELL_NSIDE * square['y'][k]), $CELL_NSIDE - 1)::BIGINT >> bit) & 1)
                    ) << (2 * bit)
                ))
            )::INTEGER
        )
    END
)[1];
