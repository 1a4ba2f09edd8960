"""All faults planted in the sample estate, and what is set aside or left clean."""

from flows.demo.breaking import (
    cancelled,
    new_complaint,
    new_petition,
    new_reflection,
    ragged,
)
from flows.demo.distorting import same
from flows.demo.fault import COMMON, D, Fault, K, N, P, V
from flows.demo.faults_cases import CASE_FAULTS, REFLECTION_FAULTS, accused
from flows.demo.faults_incoming import PETITION_FAULTS, PLAIN, VISIT, VISIT_FAULTS
from flows.demo.faults_papers import CENTRAL_FAULTS, DOCUMENT_FAULTS
from flows.demo.products import CASES, CSV, PETITIONS, RECEPTIONS, WIDE

# No fault at all: their people are canaries, one of each in every installation.
CLEAN = (
    Fault(
        "clean_petition",
        P,
        "",
        "clean",
        PETITIONS,
        new_petition("to_cao", "thu_ly", same),
    ),
    Fault("clean_complaint", K, "", "clean", CASES, new_complaint(5, same)),
    Fault("clean_denunciation", D, "", "clean", CASES, accused(same)),
    Fault("clean_visit", V, "", "clean", RECEPTIONS, VISIT),
    Fault("clean_reflection", N, "", "clean", CASES, new_reflection(same)),
)

ASIDE = (
    Fault("filtered", P, "", "filtered", WIDE, cancelled(PLAIN), share=COMMON),
    Fault("filtered_visit", V, "", "filtered", RECEPTIONS, cancelled(VISIT)),
    Fault("ragged", P, "", "rejected", (CSV,), ragged(PLAIN)),
)


FAULTS: tuple[Fault, ...] = (
    *PETITION_FAULTS,
    *VISIT_FAULTS,
    *CASE_FAULTS,
    *REFLECTION_FAULTS,
    *DOCUMENT_FAULTS,
    *CENTRAL_FAULTS,
    *CLEAN,
    *ASIDE,
)

__all__ = ["FAULTS", "Fault"]
