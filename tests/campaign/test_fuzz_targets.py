"""What is fuzzed reads right inputs, and ends in nothing but a clear error for damaged ones."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.errors import GPhotonError
from tests.campaign.damage import damaged
from tests.campaign.fuzz_targets import TARGETS

N_DAMAGED = 10


@pytest.mark.parametrize("name", TARGETS)
def test_right_and_damaged_inputs(name: str, tmp_path: Path) -> None:
    target, rng = TARGETS[name], np.random.default_rng(16)
    clear, accepted = list[str](), list[object]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what readers of others say of damaged files
        for seed in target.seeds(tmp_path):
            for content in (seed, *(damaged(seed, rng)[1] for _ in range(N_DAMAGED))):
                try:
                    accepted.append(target.read(content, tmp_path))
                except GPhotonError as error:
                    clear.append(str(error))
    assert accepted
    assert all(clear)
