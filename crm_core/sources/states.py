"""What became of a value that was read: the worse of two states is the larger one."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

States = NDArray[np.int8]

OK: Final = 0
MISSING: Final = 1
BAD: Final = 2
DIVISION_BY_ZERO: Final = 3
OUT_OF_RANGE: Final = 4

NULL_TEXTS: Final = frozenset({"", "\\n"})
"""What stands for nothing in any column, case-folded (`\\N` is what databases write)."""
NULL_IDS: Final = NULL_TEXTS | {"null", "nan", "none", "n/a", "#n/a", "<na>"}
"""What stands for nothing where a name would be strange: in ids."""
NULL_WORDS: Final = NULL_IDS | {"na", "nat", "-", "--", "—", "."}
"""What stands for nothing where a number, a date or a flag is expected."""
