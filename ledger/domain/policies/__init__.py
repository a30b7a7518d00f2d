"""Usage policies of TC609-6-2025-14 as a profile of ODRL 2.2: what they say, what they decide, where they contradict themselves. Pure.

Read in this order: ``vocabulary`` (the standard's tables), ``values`` (what a constraint compares and when it holds), ``model`` (rules),
``odrl`` and ``national`` (the two written forms), ``facts`` and ``evaluation`` (one decision with its reasons), ``sandbox`` (the same
decision over a supposed course of events), ``points`` and ``analysis`` (contradictions, found before anybody signs), ``explanation``
(sentences for a reader). ``PROFILE.md`` tells a stranger the whole of it; ``profile.jsonld`` is the same for machines.

Deciding is here, enforcing is not: nothing below counts a use, reads a clock or stops a call. Whoever enforces states the facts.
"""
