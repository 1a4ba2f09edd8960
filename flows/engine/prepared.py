"""Normalised batches between the two passes: in memory for one, else on disk."""

from dataclasses import dataclass, field

import polars as pl

from connectors.staging import Stage


@dataclass(frozen=True, slots=True)
class Prepared:
    """One batch after normalise and fingerprint.

    `frames` by record type; the others as in normalise.Normalised.
    """

    seq: int
    frames: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    filtered: pl.DataFrame
    rejected: pl.DataFrame
    withdrawn: pl.DataFrame
    standing: pl.DataFrame
    keys: pl.DataFrame


# The parts of a prepared batch beside the frames of its records.
PARTS = ("findings", "filtered", "rejected", "withdrawn", "standing")


@dataclass(slots=True)
class Shelf:
    """Keeps prepared batches until they are loaded.

    A source of one batch stays in memory; of more, each is written to the encrypted
    stage, so that memory does not grow with the source.
    """

    stage: Stage
    spill: bool
    _kept: dict[int, Prepared] = field(default_factory=dict)
    _types: dict[int, list[str]] = field(default_factory=dict)

    def put(self, prepared: Prepared) -> None:
        """Keep one batch."""
        if not self.spill:
            self._kept[prepared.seq] = prepared
            return
        self._types[prepared.seq] = list(prepared.frames)
        for name, frame in _parts(prepared).items():
            self.stage.write(_file(prepared.seq, name), frame)

    def take(self, seq: int) -> Prepared:
        """Give one batch back and forget all of it but its keys."""
        if not self.spill:
            return self._kept[seq]
        types = self._types[seq]
        names = [*PARTS, *types]
        parts = {name: self.stage.read(_file(seq, name)) for name in names}
        for name in names:
            self.stage.drop(_file(seq, name))
        return Prepared(
            seq,
            {name: parts[name] for name in types},
            parts["findings"],
            parts["filtered"],
            parts["rejected"],
            parts["withdrawn"],
            parts["standing"],
            self.keys(seq),
        )

    def keys(self, seq: int) -> pl.DataFrame:
        """The keys of one batch, as often as asked."""
        if not self.spill:
            return self._kept[seq].keys
        return self.stage.read(_file(seq, "keys"))

    def clear(self) -> None:
        """Remove what is still on disk."""
        for seq, types in self._types.items():
            for name in (*PARTS, "keys", *types):
                self.stage.drop(_file(seq, name))


def _parts(prepared: Prepared) -> dict[str, pl.DataFrame]:
    return {
        "findings": prepared.findings,
        "filtered": prepared.filtered,
        "rejected": prepared.rejected,
        "withdrawn": prepared.withdrawn,
        "standing": prepared.standing,
        "keys": prepared.keys,
        **prepared.frames,
    }


def _file(seq: int, name: str) -> str:
    return f"normal-{seq:05d}-{name}"
