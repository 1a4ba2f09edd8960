"""`kntc why`, `quarantine` and `audit`: they read the national database and change
nothing; `status`, the fourth of its kind, has a file of its own."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from flows.cli.output import (
    ERR,
    EXIT_NOT_ALL,
    OUT,
    Json,
    Provinces,
    emit,
    known,
    shaped,
)
from flows.cli.status import STATUS as STATUS
from flows.cli.status import local_time
from flows.cli.status import status as status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.office import OfficeTable
    from config.settings import Settings
    from connectors.national.views import Fault
    from connectors.seal import Sealer

# The keys of --json (design.md section 5): a change needs a line in CHANGELOG.
WHY = ("record_id", "record_type", "state", "version", "batch", "locator", "rules")
ITEM = (
    "id",
    "province",
    "record_type",
    "source_id",
    "rules",
    "locator",
    "since",
    "state",
)
FAULT = ("rule", "field", "shape")
VERIFIED = ("ok", "chains", "entries", "records")
PROBLEM = ("province", "entry", "record_id", "problem")

quarantine = typer.Typer(help="Records held back: list them, show one.")
audit = typer.Typer(help="The tamper-evident log.")


def why(
    source_id: Annotated[
        str, typer.Argument(help="The record's number at its source.")
    ],
    province: Annotated[
        str, typer.Option("--province", metavar="P", help="The office's stem.")
    ],
    json_: Json = False,
) -> None:
    """Tell what became of one record of an office.

    Published, quarantined (and by which rules), filtered or unknown. Exit code 1 when
    it is unknown.
    """
    from config.office import former_keys, load_table, office_stems
    from config.settings import load_settings
    from connectors.national import open_national, views

    settings = load_settings()
    known(office_stems(settings.config_dir), [province])
    office = load_table(settings.config_dir, province)
    systems = [source.system for source in office.sources]
    former = former_keys(settings.config_dir, province, source_id)
    # A number that is itself personal is stored and shown as its token (promise P8).
    token = "token:" + _sealer(settings).source_id_tokens([source_id])[0]
    with open_national(settings.national_url) as national:
        found = views.why(national, province, systems, [source_id, token], former)
    shown = token if _has_personal_key(settings, office) else source_id
    if json_:
        records = [shaped(record, *WHY) for record in found]
        emit({"province": province, "source_id": shown, "records": records})
    else:
        table = Table("type", "state", "version", "batch", "place", "rules")
        for record in found:
            table.add_row(
                str(record.record_type),
                str(record.state),
                _text(record.version),
                _text(record.batch),
                _text(record.locator),
                ", ".join(record.rules),
            )
        OUT.print(table)
        for record in found:
            _say_faults(record.faults, record.rules, record.record_type)
    if not any(record.state != "unknown" for record in found):
        ERR.print(
            "no record with that whole number at this office; numbers stand in "
            f"kntc quarantine list --province {province} and in the office's system",
            highlight=False,
        )
        raise typer.Exit(EXIT_NOT_ALL)


def _say_faults(
    faults: "Sequence[Fault]", held: "Sequence[str]", record_type: str
) -> None:
    """Each fault in a line, what holds the record first; repairs of text as one."""
    repairs = [f for f in faults if f.rule == "text_repaired"]
    rest = [f for f in faults if f.rule != "text_repaired"]
    for fault in sorted(rest, key=lambda f: f.rule not in held):
        _say_fault(fault, record_type)
    for fault in repairs[:1]:
        _say_fault(fault, record_type)
    if len(repairs) > 1:
        OUT.print(f"  and {len(repairs) - 1} more fields were repaired: --json")


def _say_fault(fault: "Fault", record_type: str) -> None:
    """A broken rule in a line: field, shape, and what it says to the steward."""
    from expectations.rules import message_vi

    where = f" in {fault.field}" if fault.field else ""
    shape = f" ({fault.shape})" if fault.shape else ""
    said = message_vi(fault.rule, record_type)
    OUT.print(
        f"{fault.rule}{where}{shape}{f': {said}' if said else ''}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _sealer(settings: "Settings") -> "Sealer":
    from connectors.seal import Sealer

    keys = settings.keys
    return Sealer(keys.seal, keys.denouncer, keys.token)


def _has_personal_key(settings: "Settings", office: "OfficeTable") -> bool:
    from config.office import load_preset

    products = {source.product for source in office.sources}
    return any(
        record.personal_key
        for product in products
        for stream in load_preset(settings.config_dir, product).streams
        for record in stream.records
    )


@quarantine.command("list")
def quarantine_list(province: Provinces = None, json_: Json = False) -> None:
    """List the records held back: their rules and their place at the source."""
    from config.office import office_stems
    from config.settings import load_settings
    from connectors.national import open_national, views

    settings = load_settings()
    stems = office_stems(settings.config_dir)
    asked = known(stems, province or []) or tuple(stems)
    with open_national(settings.national_url) as national:
        items = views.quarantine_list(national, asked)
    if json_:
        emit({"items": [shaped(item, *ITEM) for item in items]})
        return
    table = Table("id", "office", "type")
    # What the next command needs is never cut: `kntc why NUMBER`, and the place.
    table.add_column("number", overflow="fold", min_width=15)
    table.add_column("rules")
    table.add_column("place", overflow="fold", min_width=24)
    for item in items:
        table.add_row(
            str(item.id),
            item.province,
            item.record_type,
            _text(item.source_id),
            ", ".join(item.rules),
            _text(item.locator),
        )
    OUT.print(table)
    ERR.print(f"{len(items):,} held back", highlight=False)


@quarantine.command()
def show(
    item_id: Annotated[str, typer.Argument(metavar="ID", help="From quarantine list.")],
    json_: Json = False,
) -> None:
    """Show one record held back: each broken rule, the field, the fault's shape.

    Never a value.
    """
    from config.settings import load_settings
    from connectors.national import open_national, views

    with open_national(load_settings().national_url) as national:
        detail = views.quarantine_show(national, item_id)
    if detail is None:
        ERR.print("no quarantine item of that id; see: kntc quarantine list")
        raise typer.Exit(EXIT_NOT_ALL)
    if json_:
        emit(
            {
                **shaped(detail.item, *ITEM),
                "faults": [shaped(fault, *FAULT) for fault in detail.faults],
            }
        )
        return
    item = detail.item
    OUT.print(
        f"{item.id}: {item.province} {item.record_type} {_text(item.source_id)}, "
        f"{item.state}, since {local_time(item.since)}, at {_text(item.locator)}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    _say_faults(detail.faults, item.rules, item.record_type)


@audit.command("verify")
def audit_verify(json_: Json = False) -> None:
    """Verify every chain of the audit log against the records themselves."""
    from config.settings import load_settings
    from connectors.national import open_national
    from connectors.national.verify import verify

    settings = load_settings()
    with open_national(settings.national_url) as national, ERR.status("verifying"):
        found = verify(national, _sealer(settings))
    if json_:
        problems = [shaped(problem, *PROBLEM) for problem in found.problems]
        emit(shaped(found, *VERIFIED) | {"problems": problems})
    else:
        for fault in found.problems:
            named = (
                ("", fault.province),
                ("entry ", fault.entry),
                ("record ", fault.record_id),
            )
            place = ", ".join(f"{w}{v}" for w, v in named if v is not None)
            OUT.print(
                f"{place}: {fault.problem}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
        word = "[green]verified[/]" if found.ok else "[bold red]NOT intact[/]"
        OUT.print(
            f"{word}: {found.chains} chains, {found.entries:,} entries, "
            f"{found.records:,} records, {len(found.problems)} problems",
            highlight=False,
        )
    if not found.ok:
        raise typer.Exit(EXIT_NOT_ALL)


def _text(value: object) -> str:
    return "" if value is None else str(value)
