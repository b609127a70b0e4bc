"""Failings of the ledger: of what judges, counts and shows, and of single checks."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "ledger/registry.py",
        (
            "negative-distances",
            "return value >= self.tolerance if self.at_least else 0 <= value <= self.tolerance",
            "return value >= self.tolerance if self.at_least else value <= self.tolerance",
            "a signed difference passes any bound",
        ),
        (
            "lower-bounds",
            "return value >= self.tolerance if self.at_least else 0 <= value <= self.tolerance",
            "return self.at_least or 0 <= value <= self.tolerance",
            "controls with a lower bound no longer count",
        ),
        (
            "modules-not-loaded",
            'if ".claims" in found.name:',
            'if found.name.endswith(".claims"):',
            "claim modules inside a folder are never loaded",
        ),
        (
            "twice",
            "if id.lower() in map(str.lower, _REGISTRY):",
            "if False:",
            "a second claim of one name hides the first",
        ),
    ),
    *within(
        "ledger/judging.py",
        (
            "controls-ignored",
            "if not c.closes\n",
            "if False\n",
            "controls that fail are not reported",
        ),
        (
            "corrected-ignored",
            "if evidence.corrected is not None and not evidence.corrected.closes:",
            "if False:",
            "a corrected form that misses passes",
        ),
        (
            "unexplained",
            "if not as_printed and not entry.finding:",
            "if False:",
            "a printed form may miss without a word",
        ),
        (
            "idle-finding",
            'if as_printed and entry.finding and evidence.verdict != "convention":',
            "if False:",
            "a finding may stand where the printed form closes",
        ),
        (
            "raised-is-sound",
            'problems = [f"the check raised {measured.error}"] if measured.error else []',
            "problems: list[str] = []",
            "a check that raises stands",
        ),
        (
            "missing-names",
            "if entry.implements and not _exists(entry.implements):",
            "if False:",
            "a claim may name a function that does not exist",
        ),
    ),
    *within(
        "ledger/coverage.py",
        (
            "prefix",
            'return claim_id == entry or claim_id.startswith(f"{entry}-")',
            "return claim_id.startswith(entry)",
            "kundu-33 accounts for kundu-3",
        ),
        (
            "nothing-missing",
            "if not any(covers(one, entry) for one in known)",
            "if not known",
            "an equation without a claim is not missed",
        ),
    ),
    *within(
        "ledger/agreement.py",
        (
            "contradictions",
            "if len({r.verdict for r in group}) > 1 and len(aspects) < len(group):",
            "if False:",
            "one equation may have two verdicts without a reason",
        ),
    ),
    *within(
        "ledger/papers.py",
        (
            "appendix-shorter",
            '"Appendix A": _counted(52, "A"),',
            '"Appendix A": _counted(51, "A"),',
            "the last equation of an appendix need not be accounted for",
        ),
    ),
    *within(
        "ledger/store.py",
        (
            "other-code",
            "if key != code_key() or not wanted",
            "if not wanted",
            "a run of another state of the code is shown",
        ),
        (
            "short-runs",
            "if short or lacking:",
            "if lacking:",
            "a run that falls short is kept",
        ),
        (
            "short-not-again",
            "if all(result.sound for result in found):",
            "if True:",
            "a run that falls short is stored as if it stood",
        ),
    ),
    *within(
        "ledger/measure.py",
        (
            "relative-without-one",
            "return abs(value / reference - 1)",
            "return abs(value - reference)",
            "absolute differences called relative",
        ),
        (
            "smallest",
            "return float(np.abs(np.asarray(first) - np.asarray(second)).max())",
            "return float(np.abs(np.asarray(first) - np.asarray(second)).min())",
            "the smallest difference for the largest",
        ),
        (
            "self-difference",
            "return float(np.abs(np.asarray(first) - np.asarray(second)).max())",
            "return float(np.abs(np.asarray(first) - np.asarray(first)).max())",
            "every comparison one with itself",
        ),
        (
            "scale",
            "return float(np.abs(difference).max() / np.abs(scale).max())",
            "return float(np.abs(difference).mean() / np.abs(scale).max())",
            "mean errors called largest",
        ),
        (
            "order-upside-down",
            "return math.log2(abs(coarse / fine))",
            "return math.log2(abs(fine / coarse))",
            "orders of convergence with the wrong sign",
        ),
        (
            "richardson",
            "return (16 * once[1] - once[0]) / 15",
            "return once[0]",
            "a slope extrapolated once only",
        ),
    ),
    *within(
        "ledger/execution.py",
        (
            "first-group-only",
            "if claims:\n                    ready.send(claims)",
            "if False:\n                    ready.send(claims)",
            "two processes run two modules, and no more",
        ),
        (
            "own-chapter",
            "if chapter not in self._left:",
            "if True:",
            "a process leaves the chapter that it has begun",
        ),
    ),
    *within(
        "ledger/verification.py",
        (
            "card-of-failures",
            "if short:\n        raise AssertionError",
            "if False:\n        raise AssertionError",
            "a chapter shows a card with claims that fall short",
        ),
        (
            "pattern",
            "and (not ids or any(fnmatchcase(entry.id, pattern) for pattern in ids))",
            "and (not ids or fnmatchcase(entry.id, ids[0]))",
            "of several patterns only the first one chooses",
        ),
    ),
    *within(
        "ledger/report/text.py",
        (
            "short-not-counted",
            "short = sum(not r.sound for r in results)",
            "short = sum(r.raised for r in results)",
            "claims that fall short are not counted",
        ),
    ),
    *within(
        "ledger/report/markdown.py",
        (
            "direction-of-bound",
            "return f\"{'≥' if d.at_least else '≤'} {number(d.tolerance)}\"",
            "return f\"{'≤' if d.at_least else '≥'} {number(d.tolerance)}\"",
            "bounds shown from the wrong side",
        ),
        (
            "minus-of-exponent",
            'power = f"10{str(int(exponent)).translate(_SUPERSCRIPTS)}"',
            'power = f"10{str(abs(int(exponent))).translate(_SUPERSCRIPTS)}"',
            "10⁻¹² shown as 10¹²",
        ),
    ),
    *within(
        "ledger/report/pages.py",
        (
            "accounted-for",
            'found = f"{len(entries) - len(lacking[group])} of {len(entries)}"',
            'found = f"{len(entries)} of {len(entries)}"',
            "all equations accounted for, whatever is missing",
        ),
    ),
    *within(
        "__main__.py",
        (
            "exit-status",
            "return STANDS if all(r.sound for r in shown) else FALLS_SHORT",
            "return STANDS if any(r.sound for r in shown) else FALLS_SHORT",
            "exit status 0 when any claim stands",
        ),
        (
            "status-of-raised",
            "if any(r.raised for r in shown):\n        return RAISED",
            "if False:\n        return RAISED",
            "a check that raises is only a claim that falls short",
        ),
    ),
    *within(
        "figures/provenance.py",
        (
            "transposed-table",
            "for index, column in enumerate(value.T):",
            "for index, column in enumerate(value):",
            "rows for columns in the download",
        ),
    ),
    *within(
        "figures/plots.py",
        (
            "map-not-transposed",
            "shown.T,",
            "shown if shown.shape[0] == shown.shape[1] else shown.T,",
            "a square map with its axes exchanged",
        ),
        (
            "colours-reversed",
            'cmap="RdBu" if signed else None,',
            'cmap="RdBu_r" if signed else None,',
            "the colour map reversed",
        ),
    ),
    *within(
        "figures/slider.py",
        (
            "same-frame",
            "data, figure = figure_at(*values)",
            "data, figure = figure_at(*at_first)",
            "every frame of a slider the first one",
        ),
    ),
    *within(
        "archive.py",
        (
            "damage",
            "if digest != _digest(header, arrays):",
            "if False:",
            "a damaged file is read",
        ),
    ),
    # ---- single checks ----
    *within(
        "chapters/hamiltonian/claims/model.py",
        (
            "kundu-5-itself",
            "worst = max(worst, residual(block, harmonics[n % size, m % size, rows, columns]))",
            "worst = max(worst, residual(block, block))",
            "kundu-5 compares a thing with itself",
        ),
    ),
    *within(
        "chapters/boltzmann/claims/balance.py",
        (
            "ying-14-exact-itself",
            "exact = exact_density_difference(rates, force, 1.0, ratio)\n"
            "        worst = max(worst, abs(float(solved.valley_density_difference - exact)))",
            "exact = exact_density_difference(rates, force, 1.0, ratio)\n"
            "        worst = max(worst, abs(float(exact - exact)))",
            "ying-14-exact compares a thing with itself",
        ),
        (
            "ying-14-exact-bound",
            "worst,\n            1e-10,\n            CLOSED,",
            "worst,\n            1e-7,\n            CLOSED,",
            "a tolerance a thousand times too wide",
        ),
    ),
    *within(
        "chapters/sommerfeld/claims/fermi_line.py",
        (
            "kundu-37-bound",
            '"against the library",\n    1e-12,',
            '"against the library",\n    1e-9,',
            "the tolerance of kundu-37 × 1000",
        ),
        (
            "kundu-38-bound",
            'against Eq. 37",\n    1e-5,',
            'against Eq. 37",\n    1e-2,',
            "the tolerance of kundu-38 × 1000",
        ),
        (
            "kundu-37-itself",
            "miss(here[None], before[None]),\n                bound,",
            "miss(here[None], here[None]),\n                bound,",
            "kundu-37 to kundu-39 compare a thing with itself",
        ),
    ),
    *within(
        "chapters/perturbation_theory/claims/quoted.py",
        (
            "kundu-fig1d-bound",
            "abs(float(ratio[0]) - 1),\n            0.01,",
            "abs(float(ratio[0]) - 1),\n            10.0,",
            "the tolerance of kundu-fig1d × 1000",
        ),
    ),
)
