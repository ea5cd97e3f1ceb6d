"""What customers answer when they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    lowest: int
    highest: int
    probability: float
    mean: float
    spread: float


@dataclass(frozen=True)
class InterviewScale:
    lowest: int
    highest: int
    spread: float


@dataclass(frozen=True)
class Dimension:
    expectation: float
    perception: float


@dataclass(frozen=True)
class Surveys:
    loyalty_weight: float
    complaint_drop: float
    first_days: float
    mean_days: float
    scales: Mapping[str, Scale]
    interview_probability: float
    interview_scale: InterviewScale
    dimensions: Mapping[str, Dimension]
