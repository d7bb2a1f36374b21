from __future__ import annotations

import hypothesis

# The same examples in every run: what these tests show does not depend on the day they are run on.
hypothesis.settings.register_profile("unit", deadline=None, derandomize=True, database=None, max_examples=120)
hypothesis.settings.load_profile("unit")
