"""Polygons in well-known binary: whole ones are read, others never end the process."""

import struct

import pytest
import shapely

from gphoton_db.aspect.wkb import read_polygon
from gphoton_db.errors import PointingError

SQUARE = shapely.box(10.0, 20.0, 11.0, 21.0)
TWO = shapely.MultiPolygon([SQUARE, shapely.box(30.0, 20.0, 31.0, 21.0)])


@pytest.mark.parametrize("region", [SQUARE, TWO, shapely.Polygon(), shapely.force_3d(TWO)])
@pytest.mark.parametrize("byte_order", [0, 1])
@pytest.mark.parametrize("flavor", ["iso", "extended"])
def test_polygons_are_read(region: shapely.Geometry, byte_order: int, flavor: str) -> None:
    encoded = shapely.to_wkb(
        shapely.set_srid(region, 4326),
        byte_order=byte_order,
        flavor=flavor,
        include_srid=flavor == "extended",
    )
    assert read_polygon(bytearray(encoded)).equals(region)


@pytest.mark.parametrize("kind", [6, 7])
def test_geometries_200000_deep_are_refused(kind: int) -> None:
    with pytest.raises(PointingError, match=f"damaged: .*kind {kind}"):
        read_polygon(struct.pack("<BII", 1, kind, 1) * 200_000)


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x01\x03",
        struct.pack("<BII", 1, 3, 2**32 - 1),
        struct.pack("<BIII", 1, 3, 1, 2**32 - 1),
        struct.pack("<BII", 1, 6, 2**32 - 1),
        shapely.to_wkb(SQUARE)[:-9],
        shapely.to_wkb(shapely.Point(1.0, 2.0)),
        shapely.to_wkb(shapely.box(10.0, 80.0, 11.0, 91.0)),
        shapely.to_wkb(shapely.box(1e30, 0.0, 1.1e30, 1.0)),
        shapely.to_wkb(SQUARE).replace(struct.pack("<d", 21.0), struct.pack("<d", float("nan"))),
    ],
)
def test_what_is_cut_or_says_too_much_is_refused(encoded: bytes) -> None:
    with pytest.raises(PointingError, match="a region of the coverage is damaged"):
        read_polygon(encoded)
