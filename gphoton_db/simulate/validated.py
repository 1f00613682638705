"""Numbers that a scene may hold, checked by pydantic where a scene is made."""

from typing import Annotated

from pydantic import ConfigDict, Field

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)
"""For the dataclasses of a scene: unknown keys, infinities and NaN are errors."""

RightAscension = Annotated[float, Field(ge=0, lt=360)]
"""deg"""
Declination = Annotated[float, Field(ge=-90, le=90)]
"""deg"""
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
