"""The canonical `surveys`: answers that move with a customer's hidden satisfaction."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from crm_core.sources.demonstration.columns import canonical, customer_ids, looked_up, moments
from crm_core.sources.demonstration.draws import Floats, Ints, generator
from crm_core.sources.demonstration.history import History
from crm_core.sources.demonstration.people import People
from crm_core.sources.demonstration.seasons import at_shop_hours
from crm_core.sources.demonstration.service import Cases
from crm_core.sources.demonstration.settings import DemonstrationSettings

Answers = tuple[str, Ints, Floats, Floats]


def surveys_table(
    settings: DemonstrationSettings, people: People, history: History, cases: Cases, seed: int
) -> pa.Table:
    """The canonical `surveys` of one chunk."""
    rng = generator(seed, "surveys", people.chunk)
    hidden = _loyalty(settings, people)
    complained = np.full(len(people), np.inf)
    np.minimum.at(complained, cases.customer, cases.opened)
    answers = _after_purchases(settings, rng, history, hidden, complained)
    answers += _interviews(settings, rng, history, hidden, complained)
    customer = np.concatenate([answer[1] for answer in answers])
    moment = np.concatenate([answer[2] for answer in answers])
    score = np.concatenate([answer[3] for answer in answers])
    question = np.repeat(np.arange(len(answers)), [len(answer[1]) for answer in answers])
    order = np.lexsort((question, moment, customer))
    return canonical(
        "surveys",
        {
            "customer_id": customer_ids(people.first, customer[order]),
            "answered_at": moments(settings.first_day, moment[order]),
            "question": looked_up([answer[0] for answer in answers], question[order]),
            "score": score[order],
        },
    )


def _loyalty(settings: DemonstrationSettings, people: People) -> Floats:
    """Satisfaction before anything happened, in standard deviations: better where leaving is rarer."""
    a, b = (
        np.array([getattr(g, name) for g in settings.groups.values()])[people.group]
        for name in ("leave_a", "leave_b")
    )
    mean = a / (a + b)
    deviation = np.sqrt(mean * (1.0 - mean) / (a + b + 1.0))
    result: Floats = settings.surveys.loyalty_weight * (mean - people.leave) / deviation
    return result


def _asked(
    settings: DemonstrationSettings, rng: np.random.Generator, history: History, probability: float
) -> tuple[Ints, Floats]:
    """Who answers some days after a purchase, and when: those before the history's end."""
    rules = settings.surveys
    chosen = rng.random(len(history.customer)) < probability
    customer, bought = history.customer[chosen], history.moment[chosen]
    moment = at_shop_hours(
        settings, bought + rules.first_days + rng.exponential(rules.mean_days, len(bought))
    )
    within = moment < settings.days
    return customer[within], moment[within]


def _scores(mean: float, spread: float, satisfaction: Floats, lowest: int, highest: int) -> Floats:
    result: Floats = np.clip(np.round(mean + spread * satisfaction), lowest, highest)
    return result


def _satisfaction(
    settings: DemonstrationSettings,
    rng: np.random.Generator,
    hidden: Floats,
    complained: Floats,
    customer: Ints,
    moment: Floats,
) -> Floats:
    after_complaint = complained[customer] <= moment
    noise = rng.standard_normal(len(customer))
    result: Floats = hidden[customer] - settings.surveys.complaint_drop * after_complaint + noise
    return result


def _after_purchases(
    settings: DemonstrationSettings,
    rng: np.random.Generator,
    history: History,
    hidden: Floats,
    complained: Floats,
) -> list[Answers]:
    answers = []
    for question, scale in settings.surveys.scales.items():
        customer, moment = _asked(settings, rng, history, scale.probability)
        satisfaction = _satisfaction(settings, rng, hidden, complained, customer, moment)
        score = _scores(scale.mean, scale.spread, satisfaction, scale.lowest, scale.highest)
        answers.append((question, customer, moment, score))
    return answers


def _interviews(
    settings: DemonstrationSettings,
    rng: np.random.Generator,
    history: History,
    hidden: Floats,
    complained: Floats,
) -> list[Answers]:
    """What customers expect and find by dimension; the expectation does not depend on satisfaction."""
    rules, scale = settings.surveys, settings.surveys.interview_scale
    customer, moment = _asked(settings, rng, history, rules.interview_probability)
    answers = []
    for name, dimension in rules.dimensions.items():
        found = _satisfaction(settings, rng, hidden, complained, customer, moment)
        expected = rng.standard_normal(len(customer))
        for question, mean, answer in (
            ("expectation", dimension.expectation, expected),
            ("perception", dimension.perception, found),
        ):
            score = _scores(mean, scale.spread, answer, scale.lowest, scale.highest)
            answers.append((f"{question}:{name}", customer, moment, score))
    return answers
