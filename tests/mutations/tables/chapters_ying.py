"""Mistakes in the data and claims of the chapters on Ying et al."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "chapters/boltzmann/data.py",
        (
            "out-rates",
            "return Pockets(angle, direction - centre, centre - direction, w.mean(0), w.mean(1))",
            "return Pockets(angle, direction - centre, centre - direction, w.mean(1), w.mean(0))",
            "out-rates of the two pockets exchanged",
        ),
        (
            "example-reversal",
            "EXAMPLE = FirstHarmonicRates((0.2, 0.1), (0.2, 0.1))",
            "EXAMPLE = FirstHarmonicRates((0.2, 0.1), (-0.2, 0.1))",
            "an example that breaks time reversal",
        ),
        (
            "shift-sign",
            "out[..., axis] = -(phases[0] - phases[1]) / (2 * step)",
            "out[..., axis] = -(phases[0] + phases[1]) / (2 * step)",
            "a derivative that adds both sides",
        ),
        (
            "hall-plaquettes",
            "return float(-(np.angle(loop) * (centre / 4 < MU)).sum() / (2 * math.pi))",
            "return float(-(np.angle(loop) * (centre / 4 > MU)).sum() / (2 * math.pi))",
            "the Hall conductivity of the empty states",
        ),
        (
            "symmetric-potential",
            "SYMMETRIC = np.array([[1.0, 0.35 + 0.2j], [0.35 + 0.2j, -0.4 + 0.3j]])",
            "SYMMETRIC = np.array([[1.0, 0.35 + 0.2j], [-0.35 + 0.2j, -0.4 + 0.3j]])",
            "a potential between valleys that breaks time reversal",
        ),
        (
            "second-harmonics",
            "return np.asarray(EXAMPLE(a, b) + 0.3 * np.cos(2 * (a - b)))",
            "return np.asarray(EXAMPLE(a, b) + 0.3 * np.cos(2 * a))",
            "a rate that changes the out-rates",
        ),
    ),
    *within(
        "chapters/keldysh/data/band.py",
        (
            "distance-to-stoner",
            "(1 + excess) / nu, kT, chemical_potential, fixed)",
            "(1 - excess) / nu, kT, chemical_potential, fixed)",
            "a valley metal that does not order",
        ),
    ),
    *within(
        "chapters/keldysh/data/dynamics.py",
        (
            "rate-of-decay",
            "return 2 * 2 * math.pi * nu * DECAY_VARIANCE",
            "return 2 * math.pi * nu * DECAY_VARIANCE",
            "1/τ′ for 2/τ′",
        ),
        (
            "diffusion-constant",
            "diffusive_polarisation(lengths, omega[:, None], 1.0, 0.5)",
            "diffusive_polarisation(lengths, omega[:, None], 1.0, 1.0)",
            "D = v²τ in two dimensions",
        ),
        (
            "pulse-end",
            "return height if t < length else 0.0",
            "return height",
            "a pulse that does not end",
        ),
        (
            "pulse-sign",
            "return height if t < length else 0.0",
            "return -height if t < length else 0.0",
            "pulses that drive towards the order that is there",
        ),
    ),
    *within(
        "chapters/keldysh/data/statics.py",
        (
            "critical-six",
            "math.sqrt(6 * value / (math.pi**2 * order.interaction * -curvature))",
            "math.sqrt(3 * value / (math.pi**2 * order.interaction * -curvature))",
            "the printed T_c in place of the one that closes",
        ),
        (
            "ensemble-term",
            "curvature - 3 * slope**2 / nu,",
            "curvature - slope**2 / nu,",
            "the cubic term at fixed density with 1 for 3",
        ),
        (
            "law-of-loop",
            "order.coercive_density / law.coercive_density,",
            "law.coercive_density / law.coercive_density,",
            "the cubic law compared with itself",
        ),
    ),
    *within(
        "chapters/tbg_scattering/data/geometry.py",
        (
            "strained-zone",
            "sheet.dirac_points @ (np.eye(2) - sheet.strain_tensor)",
            "sheet.dirac_points @ (np.eye(2) + sheet.strain_tensor)",
            "a zone that stretches with the lattice",
        ),
        (
            "turn-of-layers",
            "first, second = model.dirac_points @ turn.T / size, model.dirac_points @ turn / size",
            "first, second = model.dirac_points @ turn / size, model.dirac_points @ turn.T / size",
            "layers twisted the other way",
        ),
        (
            "transfers-reversed",
            "first, end, end - first, first[0] - first[1:], _wigner",
            "first, end, first - end, first[1:] - first[0], _wigner",
            "transfers from K′ to K",
        ),
        (
            "same-valley",
            "end = -second[0]",
            "end = second[0]",
            "transfers to K of layer 2",
        ),
    ),
    *within(
        "chapters/tbg_scattering/data/strain.py",
        (
            "sign-of-figure",
            "found: Array = -np.array(densities) @ direction * (1 + ratio) / ratio",
            "found: Array = np.array(densities) @ direction * (1 + ratio) / ratio",
            "Δn₀ for the other sign of the charge",
        ),
        (
            "lines-exchanged",
            'curve("true"), curve("circles"), 6 * slope, 1.5 * slope',
            'curve("true"), curve("circles"), 1.5 * slope, 6 * slope',
            "the printed and the closing line exchanged",
        ),
        (
            "contours-exchanged",
            'curve("true"), curve("circles"), 6 * slope',
            'curve("circles"), curve("true"), 6 * slope',
            "true contours and circles exchanged",
        ),
        (
            "remaining-isotropic",
            "for flag in (False, True)\n    )\n    return float(full @ paper",
            "for flag in (True, True)\n    )\n    return float(full @ paper",
            "a share that compares a thing with itself",
        ),
        (
            "size-law",
            "-1.5 * model.tunnelling_ratio**2 * trace * small / ratio**2,",
            "1.5 * model.tunnelling_ratio**2 * trace * small / ratio**2,",
            "the sign of the difference of the pockets",
        ),
        (
            "strained-unit",
            "reference=reference,\n                isotropic",
            "reference=intervalley_rates(model, k_f, points, contour=contour).interlayer_mean,\n                isotropic",
            "n_j of the strained bilayer",
        ),
    ),
    *within(
        "chapters/tbg_scattering/data/weak_tunnelling.py",
        (
            "printed-coefficients",
            "PRINTED = (3.0, -3.0, -6.0, -1.5)",
            "PRINTED = (3.0, -3.0, 6.0, -1.5)",
            "a printed coefficient with the wrong sign",
        ),
        (
            "central-difference",
            "columns.append((harmonics[0] - harmonics[1]) / (2 * strain * small * size))",
            "columns.append((harmonics[0] - harmonics[1]) / (strain * small * size))",
            "coefficients twice as large",
        ),
        (
            "richardson",
            "table = (4**order * table[1:] - table[:-1]) / (4**order - 1)",
            "table = (2**order * table[1:] - table[:-1]) / (2**order - 1)",
            "an extrapolation of the wrong order",
        ),
        (
            "ratio-of-balance",
            "parts.append(sign * found * (1 + ratio) / ratio)",
            "parts.append(sign * found / ratio)",
            "the inter-layer share left out of the prefactor",
        ),
    ),
    *within(
        "chapters/tbg_scattering/data/estimate.py",
        (
            "density-of-estimate",
            "0.7 * thermal_energy(critical),",
            "thermal_energy(critical),",
            "the temperature of the droplet",
        ),
        (
            "strain-over-twist",
            "DELTA = 0.003 / TWIST",
            "DELTA = 0.03 / TWIST",
            "a strain of 3 %",
        ),
        (
            "speeds",
            "SPEEDS = (1e4, 1e5)",
            "SPEEDS = (1e5, 1e6)",
            "the electrons of a single sheet",
        ),
    ),
)
