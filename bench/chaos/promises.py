"""What a promise is: its number and sentence, what is accepted, the experiment that measures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What an experiment saw; `held` is None where it could not be run."""

    figure: str
    held: bool | None


Experiment = Callable[[], Awaitable[Measured]]


@dataclass(frozen=True)
class Promise:
    """A row of the table."""

    number: str
    says: str
    accept: str
    experiment: Experiment


PROMISES: list[Promise] = []


def promise(number: str, says: str, accept: str) -> Callable[[Experiment], Experiment]:
    """Put an experiment into the table."""

    def enter(experiment: Experiment) -> Experiment:
        PROMISES.append(Promise(number, says, accept, experiment))
        return experiment

    return enter
