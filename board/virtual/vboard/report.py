"""Runs tests one after the other, and says how long each took."""

import sys
import time
import unittest
from collections.abc import Iterator

from vboard.figures import Figures


def cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """Every test of a suite of suites."""
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from cases(part)
        else:
            yield part


class Runner:
    """A line for each test, figures, and a summary as the last line."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def run(self, suite: unittest.TestSuite) -> int:
        """Runs them; returns the exit code."""
        began = time.monotonic()
        failed = []
        all_cases = list(cases(suite))
        for case in all_cases:
            seconds, result = self._run_one(case)
            words = case.id().split(".")[-1].removeprefix("test_").replace("_", " ")
            print(f"{'ok  ' if result.wasSuccessful() else 'FAIL'} {seconds:5.1f} s  {words}",
                  flush=True)
            for _, trouble in [*result.failures, *result.errors]:
                print(trouble, flush=True)
            if not result.wasSuccessful():
                failed.append(words)
        for line in self._figures.lines():
            print(line)
        for words in failed:
            print(f"failed: {words}")
        print(f"virtual board: {len(all_cases)} tests, {len(failed)} failed, "
              f"{time.monotonic() - began:.0f} s", flush=True)
        return 1 if failed else 0

    @staticmethod
    def _run_one(case: unittest.TestCase) -> tuple[float, unittest.TestResult]:
        result = unittest.TestResult()
        began = time.monotonic()
        case.run(result)
        sys.stdout.flush()
        return time.monotonic() - began, result
