"""Among how many processes messages are shared: remembered by the instance, changed by `./twin up`."""

from deploy import broker
from deploy.instance import Instance
from deploy.supervision import Supervisor


def share_ingest(instance: Instance, workers: int | None) -> None:
    """This function will remember a new number of ingest workers; None leaves it as it is.

    The broker's memory of the former sharing is dropped: it would hold messages for places at work that nobody takes
    any more. Whoever sent them has no acknowledgement and sends them again.
    """
    if workers is None or workers == instance.ingest_workers():
        return
    supervisor = Supervisor(instance)
    supervisor.stop(*(name for name in supervisor.states() if name == "mosquitto" or name.startswith("ingest")))
    broker.forget_sessions(instance)
    instance.remember(ingest_workers=workers)
