"""Tickets of the demo, brought to their states by the people and operations that bring real ones there."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from spatial.hazards import operations
from spatial.hazards.models import Hazard
from spatial.people.models import User
from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from webmap.demo.pictures import draw_evidence
from webmap.demo.ticket_plan import OVERDUE_AFTER, OVERDUE_TICKET, DemoTicket, demo_tickets

_PATH: dict[str, int] = {"SUBMITTED": 0, "RETURNED": 0, "ASSIGNED": 1, "RECTIFIED": 2, "CLOSED": 3}


class TicketTeller:
    """This class will report tickets and take them along their way in the names of the demo's people."""

    def __init__(self, site: Site, users: dict[str, User], points: dict[str, RiskPoint], now: datetime) -> None:
        self.site = site
        self.users = users
        self.points = points
        self.now = now

    def tell(self, plan: DemoTicket, *, deadline: datetime | None = None, seed: str = "") -> Hazard:
        """Report the ticket and bring it to the stage of its plan."""
        hazard = self._report(plan, seed)
        if plan.stage == "RETURNED":
            return operations.return_hazard(
                hazard=hazard,
                actor=self.users["safety_officer"],
                now=self.now,
                reason="请补充房间近景照片和线路走向",
                client_event_id=_event_id(plan, seed, "return"),
            )
        if _PATH[plan.stage] >= 1:
            hazard = self._assign(hazard, plan, deadline, seed)
        if _PATH[plan.stage] >= 2:
            hazard = self.hand_in(hazard, plan, seed)
        if _PATH[plan.stage] >= 3:
            hazard = self.recheck_and_close(hazard, plan, seed)
        return hazard

    def tell_past(self, plan: DemoTicket, begins: datetime) -> Hazard:
        """Tell a ticket that is long closed as it happened: found, due after three hours, fixed two hours late."""
        then = TicketTeller(self.site, self.users, self.points, begins)
        hazard = then._assign(then._report(plan, ""), plan, begins + timedelta(hours=3), "")
        then.now = begins + timedelta(hours=5)
        hazard = then.hand_in(hazard, plan, "")
        then.now = begins + timedelta(hours=6)
        return then.recheck_and_close(hazard, plan, "")

    def _picture(self, plan: DemoTicket, step: str, at: datetime, seed: str) -> bytes:
        return draw_evidence(
            plan.scene,
            fixed=step != "before",
            label=plan.description,
            seed=f"{plan.key}/{step}/{seed}",
            taken_at=at.astimezone(ZoneInfo(self.site.time_zone)),
        )

    def _report(self, plan: DemoTicket, seed: str) -> Hazard:
        point = self.points[plan.risk_point]
        anchor, found_at = point.anchor, self.now - plan.found_before
        lon, lat, height = anchor.geometry.coords
        return operations.report_hazard(
            site=self.site,
            anchor_at={
                "lon": lon,
                "lat": lat,
                "height_m": height,
                "storey_id": anchor.storey_id,
                "model_id": anchor.model_id,
                "element_global_id": anchor.element_global_id,
                "element_name": anchor.element_name,
                "offset_m": anchor.offset_m,
            },
            description=plan.description,
            category=plan.category,
            photos=[self._picture(plan, "before", found_at, seed)],
            found_at=found_at,
            risk_point=point,
            actor=self.users["worker"],
            now=self.now,
            client_event_id=_event_id(plan, seed, "report"),
        )

    def _assign(self, hazard: Hazard, plan: DemoTicket, deadline: datetime | None, seed: str) -> Hazard:
        return operations.approve_general(
            hazard=hazard,
            actor=self.users["safety_officer"],
            now=self.now,
            rectifier=self.users["worker"],
            rechecker=self.users["safety_officer"],
            acceptance_person=self.users["project_manager"],
            measure=plan.measure,
            deadline_class=plan.deadline_class,
            deadline=deadline,
            client_event_id=_event_id(plan, seed, "assign"),
        )

    def hand_in(self, hazard: Hazard, plan: DemoTicket, seed: str) -> Hazard:
        """Hand in the fix with a photo."""
        return operations.submit_fix(
            hazard=hazard,
            actor=self.users["worker"],
            now=self.now,
            photos=[self._picture(plan, "after", self.now - timedelta(minutes=6), seed)],
            text=f"已完成:{plan.measure}",
            fixed_at=self.now - timedelta(minutes=5),
            client_event_id=_event_id(plan, seed, "fix"),
        )

    def recheck_and_close(self, hazard: Hazard, plan: DemoTicket, seed: str) -> Hazard:
        """Recheck with a photo; where the settings leave the ticket waiting for a review, close it."""
        hazard = operations.recheck_pass(
            hazard=hazard,
            actor=self.users["safety_officer"],
            now=self.now,
            photos=[self._picture(plan, "recheck", self.now - timedelta(minutes=2), seed)],
            conclusion="复查合格",
            client_event_id=_event_id(plan, seed, "recheck"),
        )
        if hazard.state == "RECHECK_PASSED":
            hazard = operations.auto_close(
                hazard=hazard,
                actor=self.users["safety_officer"],
                now=self.now,
                client_event_id=_event_id(plan, seed, "close"),
            )
        return hazard


def ensure_tickets(teller: TicketTeller) -> int:
    """This function will tell every ticket that is not there yet but the overdue one; returns how many there are."""
    plans = demo_tickets()
    there = set(Hazard.objects.filter(site=teller.site).values_list("description", flat=True))
    closed = [plan.key for plan in plans if plan.stage == "CLOSED"]
    for plan in plans:
        if plan.description in there:
            continue
        if plan.stage == "CLOSED":
            teller.tell_past(plan, teller.now - timedelta(days=1 + closed.index(plan.key), hours=8))
        else:
            teller.tell(plan)
    return len(plans)


def ensure_overdue_ticket(teller: TicketTeller) -> Hazard:
    """This function will report and assign the ticket that is due in about a minute, if there is none yet."""
    newest = _overdue_tickets(teller.site).first()
    return newest or teller.tell(OVERDUE_TICKET, deadline=teller.now + OVERDUE_AFTER, seed=_seed(teller.now))


def renew_overdue_ticket(teller: TicketTeller) -> Hazard:
    """This function will close the ticket that went overdue, as people would, and report it anew, due in a minute."""
    for hazard in _overdue_tickets(teller.site).filter(state__in=["ASSIGNED", "RECTIFIED", "RECHECK_PASSED"]):
        seed = f"{_seed(teller.now)}/{hazard.number}"
        if hazard.state == "ASSIGNED":
            hazard = teller.hand_in(hazard, OVERDUE_TICKET, seed)
        if hazard.state == "RECTIFIED":
            hazard = teller.recheck_and_close(hazard, OVERDUE_TICKET, seed)
    return teller.tell(OVERDUE_TICKET, deadline=teller.now + OVERDUE_AFTER, seed=_seed(teller.now))


def _overdue_tickets(site: Site) -> QuerySet[Hazard]:
    return Hazard.objects.filter(site=site, description=OVERDUE_TICKET.description).order_by("-created_at")


def _event_id(plan: DemoTicket, seed: str, step: str) -> str:
    """A client event id that is the same whenever the same step of the same ticket is told again."""
    return "demo-" + sha256(f"{plan.key}{seed}/{step}".encode()).hexdigest()[:32]


def _seed(now: datetime) -> str:
    return f"/{now:%Y%m%dT%H%M%S%f}"
