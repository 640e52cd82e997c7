"""A toy: one model, whose statistic is a parabola. It imports nothing and starts at once."""

from __future__ import annotations

import re
from typing import Any

_TRUTH = {"factor": 1.0, "PhoIndex": 1.9, "norm": 0.02}
_DESCRIBED: list[Any] = [
    ["constant", [["factor", "", (1.0, 0.01, 0.0, 0.0, 1e10, 1e10), False]]],
    [
        "powerlaw",
        [
            ["PhoIndex", "", (1.0, 0.01, -3.0, -2.0, 9.0, 10.0), False],
            ["norm", "", (1.0, 0.01, 0.0, 0.0, 1e20, 1e24), False],
        ],
    ],
]


class Numbers:
    """The interface of `numbers.Numbers`, without numbers of any meaning."""

    def __init__(self) -> None:
        self._noticed: list[list[int]] = []

    def load(self, names: list[str], first: int = 1) -> None:
        self._noticed[first - 1 :] = [list(range(1, _rows(name) + 1)) for name in names]

    def attach(self, number: int, what: str, name: Any) -> None:
        pass

    def ignore(self, number: int, text: str) -> None:
        gone = [range(int(a), int(b) + 1) for a, b in re.findall(r"(\d+)-(\d+)", text)]
        kept = self._noticed[number - 1]
        self._noticed[number - 1] = [n for n in kept if not any(n in part for part in gone)]

    def noticed(self, number: int) -> list[int]:
        return self._noticed[number - 1]

    def describe(self, expression: str, abund: str, xsect: str) -> list[Any]:
        if "constant" not in expression:
            raise ValueError(f"{expression}: the toy has constant*powerlaw only")
        return _DESCRIBED

    def values(self, state: dict[str, Any]) -> list[float]:
        rows = state["parameters"]
        return [
            rows[int(link.removeprefix("p")) - 1][2][0] if link else values[0]
            for _, _, values, _, link in rows
        ]

    def statistic(self, state: dict[str, Any]) -> float:
        return sum(
            ((value - truth) / (0.1 * truth)) ** 2
            for value, truth in zip(self.values(state), self._truth(state), strict=True)
        )

    def _truth(self, state: dict[str, Any]) -> list[float]:
        names = [row[0] for _, rows in _DESCRIBED for row in rows]
        return [_TRUTH[names[index - 1]] for _, index, *_ in state["parameters"]]

    def photons(self, state: dict[str, Any], spectrum: int) -> list[float]:
        return [self.values(state)[2]] * 50

    def folded(self, state: dict[str, Any], spectrum: int) -> list[float]:
        return [self.values(state)[2]] * len(self._noticed[spectrum - 1])

    def fit(self, state: dict[str, Any], n: int) -> tuple[bool, Any, Any, Any]:
        free = [not frozen and not link for *_, frozen, link in state["parameters"]]
        values = list(self.values(state))
        truth = self._truth(state)
        for _ in range(n):
            values = [
                truth[k] + 0.1 * (value - truth[k]) if free[k] else value
                for k, value in enumerate(values)
            ]
        sigmas = [0.1 * t if f else -1.0 for t, f in zip(truth, free, strict=True)]
        order = [s * s for s in sigmas if s > 0]
        covariance = [order[r] if r == c else 0.0 for r in range(len(order)) for c in range(r + 1)]
        done = all(abs(v - t) < 1e-4 * t for v, t, f in zip(values, truth, free, strict=True) if f)
        return done, values, sigmas, covariance

    def error(self, state: dict[str, Any], number: int, delta: float) -> Any:
        value, truth = self.values(state)[number - 1], self._truth(state)[number - 1]
        reach = 0.1 * truth * delta**0.5
        return (value - reach, value + reach, "FFFFFFFFF"), self.values(state)

    def step(self, state: dict[str, Any], number: int, values: list[float]) -> list[float]:
        truth = self._truth(state)[number - 1]
        return [((value - truth) / (0.1 * truth)) ** 2 for value in values]

    def flux(self, state: dict[str, Any], low: float, high: float, n: int, p: float) -> Any:
        return [(1e-11, 0.9e-11, 1.1e-11, 1e-3, 0.9e-3, 1.1e-3)] * len(self._noticed)

    def lumin(
        self, state: dict[str, Any], low: float, high: float, z: float, cosmo: Any, n: int, p: float
    ) -> Any:
        return [(3.0, 2.9, 3.1, 1e-3, 0.9e-3, 1.1e-3)] * len(self._noticed)

    def widths(self, state: dict[str, Any], part: float, number: int, n: int, p: float) -> Any:
        return [(0.1, 0.09, 0.11)] * len(self._noticed)

    def test(self, state: dict[str, Any], test: str) -> float:
        return self.statistic(state)


def _rows(name: str) -> int:
    """Rows of the last table of a FITS file, read from its header."""
    with open(name, "rb") as file:  # noqa: PTH123
        found = re.findall(rb"NAXIS2  =\s*(\d+)", file.read())
    return int(found[0])
