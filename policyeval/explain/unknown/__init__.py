"""What is the answer when some context keys are unknown? Allow, deny, or a condition for each (UX §3, `--unknown`)."""

from policyeval.explain.unknown.answer import Branch as Branch
from policyeval.explain.unknown.answer import UnknownAnswer as UnknownAnswer
from policyeval.explain.unknown.answer import answer_unknown as answer_unknown
