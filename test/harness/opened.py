# SPDX-License-Identifier: Apache-2.0
"""Things that are made of others, which end with them."""
import contextlib


class Opened:
    """Whatever begin() enters into `ends` is left with it, also if begin() fails half way. begin() returns what `with` names."""

    def __init__(self, flavor):
        self.flavor, self.ends = flavor, contextlib.ExitStack()

    def __enter__(self):
        try:
            return self.begin()
        except BaseException:
            self.ends.close()
            raise

    def __exit__(self, *_):
        self.ends.close()
