"""Mistakes in the drag of second order."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "drag/transfers.py",
        (
            "gained",
            "gained = self.velocities[near, 1] - self.velocities[near, 0]",
            "gained = self.velocities[near, 1] + self.velocities[near, 0]",
            "the sum of the velocities for what is gained",
        ),
        (
            "occupation",
            "return np.asarray(half / (1 + half**2), dtype=np.float64)",
            "return np.asarray(half**2 / (1 + half**2) + (energies < mu) * np.tanh("
            "np.abs(energies - mu) / (2 * kT)))",
            "the occupation f in place of √(f(1 − f))",
        ),
    ),
    *within(
        "drag/scattering_layer.py",
        (
            "unfolded",
            "overlaps = overlap_form_factors(states, moved, pairs, umklapp)",
            "overlaps = overlap_form_factors(states, moved, pairs)",
            "λ without the reciprocal vector that folds k + q",
        ),
    ),
    *within(
        "drag/second_order.py",
        (
            "not-squared",
            "squares = np.abs(weights) ** 2",
            "squares = np.abs(weights)",
            "U for U² without interference",
        ),
        (
            "one-way",
            "one, two = one + sign * one[::-1], two + sign * two[::-1]",
            "one, two = one + sign * one[::-1], two + sign * two",
            "the other valley left out in layer 2",
        ),
    ),
    *within(
        "chapters/second_order_drag/data/collisions.py",
        (
            "no-return",
            "for one in (other.back, other.there))",
            "for one in (other.back, other.back))",
            "a collision whose reverse has the odds of the collision itself",
        ),
        (
            "valley-forwards",
            "energies, velocities = energies[:, ::-1], -velocities[:, ::-1]",
            "energies, velocities = energies[:, ::-1], velocities[:, ::-1]",
            "velocities that time reversal does not turn round",
        ),
    ),
    *within(
        "chapters/second_order_drag/data/continuum.py",
        (
            "valleys-once",
            "return valleys**2 * 2 / (3 * math.pi)",
            "return valleys * 2 / (3 * math.pi)",
            "electrons of one valley do not drag those of the other",
        ),
    ),
    *within(
        "chapters/second_order_drag/data/trigonal.py",
        (
            "same-line",
            "k = on_line(band, np.array(angle), band.mu - omega / 2)",
            "k = on_line(band, np.array(angle), band.mu)",
            "an electron that starts on the Fermi line whatever it takes up",
        ),
        (
            "charge-power",
            "2 * 8 * math.pi**4 / 15 * per_line**2",
            "2 * 4 * math.pi**4 / 15 * per_line**2",
            "half the integral over the energies exchanged",
        ),
    ),
)
