"""The bounds of a reading as an API wants them written.

Whatever a format cannot say is given away towards more rows: `since` is rounded down
and `until` up. A row read twice is recognised; one never read is lost.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.sources.base import Bound
from connectors.sources.rest.spec import RestStream

# What the smallest unit of a strftime format may be.
UNITS = (
    timedelta(microseconds=1),
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=31),
    timedelta(days=366),
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bounds_sent(
    read: RestStream, since: Bound | None, until: datetime | None
) -> dict[str, object]:
    """The parameters of the bounds; a bound without a parameter is not sent."""
    sent: dict[str, object] = {}
    if read.since_param and since is not None:
        sent[read.since_param] = (
            _written(since, read, up=False)
            if isinstance(since, datetime)
            else since[0]  # a version, which the API counts itself
        )
    if read.until_param and until is not None:
        sent[read.until_param] = _written(until, read, up=True)
    return sent


def _written(moment: datetime, read: RestStream, *, up: bool) -> object:
    form = read.since_format
    if form == "iso":
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if form in ("epoch", "epoch_ms"):
        unit = timedelta(seconds=1) if form == "epoch" else timedelta(milliseconds=1)
        since_epoch = moment - EPOCH
        return -(-since_epoch // unit) if up else since_epoch // unit
    form = "%Y-%m-%d" if form == "date" else form
    local = moment.astimezone(ZoneInfo(read.zone))
    said = local.strftime(form)
    if not up or _is_said_whole(local, said, form):
        return said
    # The next moment that is written otherwise: the format's own rounding up.
    later = ((local + unit).strftime(form) for unit in UNITS)
    return next((text for text in later if text != said), said)


def _is_said_whole(local: datetime, said: str, form: str) -> bool:
    try:
        read_back = datetime.strptime(said, form)  # noqa: DTZ007 - local on both sides
    except ValueError:
        return False
    return read_back.replace(tzinfo=None) == local.replace(tzinfo=None)
