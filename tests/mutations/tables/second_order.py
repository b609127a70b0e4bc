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
            "reverse-twice",
            "scale = 2 * math.pi**2 / kT",
            "scale = 4 * math.pi**2 / kT",
            "a collision and its reverse counted twice",
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
            "weights = np.stack([after * (1 - before), *",
            "weights = np.stack([before * (1 - after), *",
            "a partner that makes its transition by q, not by −q",
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
            "return valleys**2 / (3 * math.pi)",
            "return valleys / (3 * math.pi)",
            "electrons of one valley do not drag those of the other",
        ),
        (
            "displaced-twice",
            "(taken[0] - taken[1]) / (2 * small)",
            "(taken[0] - taken[1]) / small",
            "a sea displaced by twice as much as is divided by",
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
            "return 8 * math.pi**4 / 15 * per_line**2",
            "return 4 * math.pi**4 / 15 * per_line**2",
            "half the integral over the energies exchanged",
        ),
    ),
    *within(
        "chapters/where_largest/data/twisted.py",
        (
            "untwisted",
            "full = GrapheneHBN(twist=twist, cutoff=4)",
            "full = GrapheneHBN(twist=0 * twist, cutoff=4)",
            "aligned layers at every twist",
        ),
        (
            "satellite-half",
            "return -4e2 / np.array(cells)",
            "return -2e2 / np.array(cells)",
            "two holes per cell at the satellite",
        ),
    ),
    *within(
        "chapters/where_largest/data/meeting.py",
        (
            "relaxes-once",
            "relaxing**2 * product[1, 0]",
            "relaxing * product[1, 0]",
            "one of the two layers does not relax",
        ),
    ),
)
