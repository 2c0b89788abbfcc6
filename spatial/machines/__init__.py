"""Machines on a site: what they are, where they are, and what they make dangerous (docs/explanation/moving-zones.md).

What a batch of news does, from the top: `following` (the operation, called by `ingest.machinery`) > `judging` (every
rule at every moment; `late_news`: the same for news that came late) > `motion` (states from readings), `crowd` (where
people are), `scene` (what stands on the site) > `rules` (when a finding becomes an event) > `geometry`, `cranes`,
`clearances`, `pit_edges`, `shapes`, `limits`. Of these only `following` knows a database; it keeps what rules remember
by `watches`, the news of a day by `traces`, lifts by `lifts`, and raises alarms by `machine_alarms`.

What people do: `operations` (the ledger of machines), `dangers` (what they must stay away from), `papers`, `importing`
with `sheets`, `loads` (rated loads). What pages ask: `queries` (now), `past` (a moment that is over).
"""
