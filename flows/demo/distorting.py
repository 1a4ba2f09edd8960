"""What is done to the values of a record to make a fault of it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeAlias

from flows.demo.denunciations import extension
from flows.demo.inventing import Item, Value, Values
from flows.demo.people import Inventor

Change: TypeAlias = Callable[[Values], Values]


def same(values: Values) -> Values:
    """No change."""
    return values


def put(field: str, value: Value) -> Change:
    """Change one field to a value."""
    return lambda values: values | {field: value}


def puts(**changes: Value) -> Change:
    """Change several fields."""
    return lambda values: values | changes


def rewrite(field: str, change: Callable[[str], str]) -> Change:
    """Change the text of one field."""
    return lambda values: values | {field: change(str(values[field]))}


def shift(field: str, other: str, days: int) -> Change:
    """Put a date so many days from another one."""

    def change(values: Values) -> Values:
        on = values[other]
        assert isinstance(on, date)
        return values | {field: on + timedelta(days)}

    return change


def both(*changes: Change) -> Change:
    """One change after another."""

    def change(values: Values) -> Values:
        for one in changes:
            values = one(values)
        return values

    return change


def moved(days: int, *fields: str) -> Change:
    """Move dates by so many days; those that are missing stay so."""

    def change(values: Values) -> Values:
        found = {f: v for f in fields if isinstance(v := values[f], date)}
        return values | {f: on + timedelta(days) for f, on in found.items()}

    return change


def named(name_field: str, text_field: str = "content") -> Change:
    """Let a text name the person that the field holds."""

    def change(values: Values) -> Values:
        text = f"{values[text_field]}. Người tố cáo là {values[name_field]}"
        return values | {text_field: text}

    return change


def without_destination(values: Values) -> Values:
    """Forwarded, nobody knows where (rule 15)."""
    fields = ("forwarded_to_class", "forwarded_to", "forwarded_date")
    return values | dict.fromkeys(fields)


def concluded_after(days: int) -> Callable[[Inventor, Values], Values]:
    """A plain denunciation concluded so many days after its acceptance (rule 40)."""

    def change(_: Inventor, values: Values) -> Values:
        accepted = values["accepted_date"]
        assert isinstance(accepted, date)
        concluded = accepted + timedelta(days)
        return values | {
            "is_complex": False,
            "is_specially_complex": False,
            "extensions": [],
            "conclusion_date": concluded,
            "published_date": concluded + timedelta(2),
        }

    return change


def third_extension(inventor: Inventor, values: Values) -> Values:
    """Three extensions where the law knows two (rule 41), each in its time."""
    accepted = values["accepted_date"]
    assert isinstance(accepted, date)
    return concluded_after(88)(inventor, values) | {
        "is_complex": True,
        "is_specially_complex": True,
        "extensions": [extension(inventor, accepted, no) for no in (1, 2, 3)],
    }


def suspended_early(values: Values) -> Values:
    """A suspension before the law that brought it (rule 25)."""
    accepted = values["accepted_date"]
    assert isinstance(accepted, date)
    item: Item = {
        "from": accepted + timedelta(1),
        "to": accepted + timedelta(3),
        "ground": "chờ xác minh",
    }
    return values | {"suspensions": [item]}


def decided_after(days: int) -> Change:
    """A plain complaint decided so many days after its acceptance (rule 24)."""
    decided = shift("decision_date", "accepted_date", days)
    sent = shift("decision_sent_date", "accepted_date", days + 1)
    published = shift("published_date", "accepted_date", days + 2)
    sued = puts(lawsuit_date=None, lawsuit_court=None)
    plain = puts(is_remote=False, is_complex=False, suspensions=[])
    return both(plain, sued, decided, sent, published)


def refused_without_ground(values: Values) -> Values:
    """Not accepted, and no ground of Art. 11 given (rule 22)."""
    ended = (
        "accepted_date dialogue_date dialogue_attended dialogue_held_by outcome "
        "decision_no decision_date decision_sent_date published_date withdrawn_date "
        "withdrawn_scope lawsuit_date lawsuit_court escalated_on escalated_to"
    )
    nothing: Values = dict.fromkeys(ended.split())
    refused: Values = {"refused_date": values["accepted_date"], "suspensions": []}
    return values | nothing | refused | {"consultation": []}


def recovered_too_much(values: Values) -> Values:
    """More came back than was wrongly enjoyed (rule 60)."""
    wrong = values["amount_wrong"]
    assert isinstance(wrong, int)
    return values | {
        "amount_recovered": wrong + 500_000,
        "remaining": 0,
        "hard_to_recover": False,
        "last_recovery_date": values["last_recovery_date"] or values["period_to"],
        "decision_id": None,
    }


def remaining_wrong(values: Values) -> Values:
    """What is left to pay is not the difference (rule 60)."""
    left = values["remaining"]
    assert isinstance(left, int)
    return values | {"remaining": left + 1_000_000}


def paid_without_date(values: Values) -> Values:
    """Something was paid, nobody knows when (rule 61)."""
    wrong = values["amount_wrong"]
    return values | {
        "amount_recovered": wrong,
        "remaining": 0,
        "hard_to_recover": False,
        "last_recovery_date": None,
    }


def settles(values: Values) -> Values:
    """Make the document a first decision that leaves all as it was."""
    return values | {
        "doc_type": "qd_giai_quyet_1",
        "disposition": "giu_nguyen",
        "published_date": None,
        "publication_form": None,
    }


def cells(**changes: int) -> Change:
    """Add to columns of a form: c1=3 adds 3 to column 1."""

    def change(values: Values) -> Values:
        items = values["cells"]
        assert isinstance(items, list)
        made: list[Item] = []
        for item in items:
            assert isinstance(item, dict)
            more = changes.get(f"c{item['col']}", 0)
            before = item["value"]
            assert isinstance(before, int)
            made.append(item | {"value": before + more})
        return values | {"cells": made}

    return change
