"""A kept and signed production-risk assessment of the demo's enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from spatial.assessments.models import Assessment
from spatial.assessments.operations import keep_assessment, sign_assessment
from spatial.people.models import User
from spatial.places.models import Organisation


def ensure_assessment(organisation: Organisation, users: Mapping[str, User], now: datetime) -> None:
    """This function will keep one assessment, signed by the safety department and approved by the head."""
    if Assessment.objects.filter(organisation=organisation).exists():
        return
    row = keep_assessment(organisation=organisation, actor=users["company_safety"], now=now)
    sign_assessment(assessment=row, step="compile", actor=users["company_safety"], now=now)
    sign_assessment(assessment=row, step="approve", actor=users["company_head"], now=now)
