"""`./twin status`: what runs, where, and the demo's logins."""

import json
from typing import Any

from deploy import ports
from deploy.instance import Instance
from deploy.management import read_logins
from deploy.programs import INFRASTRUCTURE, ingest_names
from deploy.supervision import Supervisor

BEFORE_INGEST, AFTER_INGEST = ("web", "worker", "watch", "beat"), ("commands", "jt808")


def read_status(instance: Instance) -> dict[str, Any]:
    """This function will return `{"url", "logins", "services"}`; `url` is None while the site is down."""
    values = instance.environment()
    demo = ("simulator", "gateway") if instance.state().get("mode") == "demo" else ()
    states = Supervisor(instance).states()
    own = (*BEFORE_INGEST, *ingest_names(instance.ingest_workers()), *AFTER_INGEST)
    services = {name: states.get(name, "stopped") for name in (*INFRASTRUCTURE, *own, *demo)}
    url = f"http://{ports.url_host(values['http_host'])}:{values['http_port']}" if values else None
    return {
        "url": url if services["web"] == "running" else None,
        "logins": read_logins(instance),
        "services": services,
    }


def print_status(instance: Instance, *, as_json: bool) -> None:
    """This function will print the status for people or for programs."""
    status = read_status(instance)
    if as_json:
        print(json.dumps(status, ensure_ascii=False))
        return
    print(status["url"] or "Twinwall is not running; start it with ./twin up")
    for name, state in status["services"].items():
        print(f"  {name:<12} {state}")
    workers = instance.ingest_workers()
    print(f"  messages are shared among {workers} ingest worker(s); one more process stands by")
    for role, (user, password) in status["logins"].items():
        print(f"  {role:<20} {user:<20} {password}")
