"""How do tests of the unittest module ask? A mixin with assertions that explain themselves."""

from __future__ import annotations

from typing import Any, ClassVar

from policyeval.testing.answers import Answer, Iam, Policies, refuse_unless_allowed, refuse_unless_denied


class IamAssertions:
    """Assertions about policies, to stand beside `unittest.TestCase`: `class T(IamAssertions, TestCase)`.

    `policies` holds the policies: a document, a set, or the name of a file.
    """

    policies: ClassVar[Policies | str | None] = None

    @property
    def iam(self) -> Iam:
        """The policies of the test."""
        if self.policies is None:
            return Iam()
        return Iam().load(self.policies)

    def assertAllowed(self, principal: Any, action: str, resource: str = "*", **context: Any) -> Answer:
        """Fail with the explanation when a call is denied."""
        answer = self.iam.can(principal, action, resource, **context)
        refuse_unless_allowed(answer)
        return answer

    def assertDenied(
        self, principal: Any, action: str, resource: str = "*", *, by: str | None = None, **context: Any
    ) -> Answer:
        """Fail with the explanation when a call is allowed, or denied by another layer than `by`."""
        answer = self.iam.can(principal, action, resource, **context)
        refuse_unless_denied(answer, by=by)
        return answer
