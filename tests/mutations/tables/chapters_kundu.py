"""Mistakes in the data and claims of the chapters on Kundu et al."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "chapters/hamiltonian/data/bands.py",
        (
            "path-of-k-prime",
            '-1: (((-0.5, _HALF), (-1.0, 0.0), (0.0, 0.0)), ("κ", "κ′", "Γ")),',
            '-1: (((0.5, _HALF), (1.0, 0.0), (0.0, 0.0)), ("κ", "κ′", "Γ")),',
            "the path of K′ runs through the corners of K",
        ),
        (
            "bands-of-k-prime",
            "-1: expanded_energies(model.other_valley(), along[-1].points, count=8),",
            "-1: expanded_energies(model, along[-1].points, count=8),",
            "panel K′ shows K",
        ),
        (
            "spin-and-valley",
            "density = 4 * spectral_function(mesh, levels, energies)",
            "density = 2 * spectral_function(mesh, levels, energies)",
            "a density of states without spin",
        ),
        (
            "peaks-from-minima",
            "peaks: Floats = energies[(density == highest) &",
            "peaks: Floats = energies[(density == lowest) &",
            "van Hove energies at the minima",
        ),
        (
            "saddle-start",
            'return saddle_point(model, 0.8 * model.lattice.special_points["κ′"], band=1)',
            'return saddle_point(model, 0.8 * model.lattice.special_points["κ"], band=1)',
            "a saddle elsewhere in the zone",
        ),
        (
            "reversal-of-k",
            "energies.append(solve_bands_eliminated(other, -reach * k, count=2).energies)",
            "energies.append(solve_bands_eliminated(other, reach * k, count=2).energies)",
            "K′ at k in place of −k",
        ),
        (
            "tunnelling-phase",
            "np.exp(1j * target @ model.lattice.vectors(pair)) * u[row] / model.coupling",
            "np.exp(-1j * target @ model.lattice.vectors(pair)) * u[row] / model.coupling",
            "U(−r) compared with the lattices",
        ),
    ),
    *within(
        "chapters/hamiltonian/data/symbols.py",
        (
            "unknown-name",
            "moirelib.bands.bloch.overlap_form_factors",
            "moirelib.bands.bloch.overlap_formfactors",
            "a symbol of Table 1 that leads nowhere",
        ),
    ),
    *within(
        "chapters/perturbation_theory/claims/many_body.py",
        (
            "lehmann-denominator",
            "ratio = (weight[:, None] - weight[None, :]) / (frequency + a - b)",
            "ratio = (weight[:, None] - weight[None, :]) / (frequency - a + b)",
            "absorption and emission exchanged in the exact correlation function",
        ),
        (
            "time-ordering",
            "moved = expm(-(BETA - tau) * h) @ first @ expm(-tau * h) @ second",
            "moved = expm(-(BETA - tau) * h) @ second @ expm(-tau * h) @ first",
            "the two currents in the other order in time",
        ),
    ),
    *within(
        "chapters/time_reversal/claims/charge.py",
        (
            "lindhard-edges",
            "return float(roots[0] - roots[1]) / q",
            "return float(roots[0] + roots[1]) / q",
            "an Im χ that does not vanish at rest",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/bubble.py",
        (
            "advanced",
            "advanced = 1 / (away - frequency - 1j * width)",
            "advanced = 1 / (away - frequency + 1j * width)",
            "retarded for advanced in the bubble",
        ),
        (
            "one-order",
            "loops: Complex = filled * (first + second)",
            "loops: Complex = filled * first",
            "one of the two orders in time",
        ),
        (
            "conjugate",
            "response: Complex = total / MESH",
            "response: Complex = total.conj() / MESH",
            "the response to e^{+iΩt}",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/device.py",
        (
            "power",
            "np.diff(np.log(conductivity)) / np.diff(np.log(coupling))",
            "np.diff(np.log(conductivity)) / np.diff(np.log(coupling)) / 2",
            "the power of u₀ halved",
        ),
        (
            "density-unit",
            "PER_AREA = 100.0",
            "PER_AREA = 1.0",
            "densities wrong by a hundred",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/drag.py",
        (
            "window-of-the-map",
            "WINDOW = (-200.0, 250.0)",
            "WINDOW = (-150.0, 150.0)",
            "a map of a smaller window",
        ),
        (
            "printed-mesh",
            "points = PointSum(GrapheneHBN(exponent_sign=sign), mesh=mesh, divisions=4)",
            "points = layer",
            "the paper's mesh compared with itself",
        ),
        (
            "fitted-decay",
            "apart, levels, total, shells[:, 0], -slope, g,",
            "apart, levels, total, shells[:, 0], -slope * 1.1, g,",
            "a decay ten per cent too fast",
        ),
        (
            "distance-of-frames",
            "drag_conductivity(layer, layer, mu, mu, kT, Interlayer(distance))[..., 0, 0]",
            "drag_conductivity(layer, layer, mu, mu, kT)[..., 0, 0]",
            "every frame at the same distance",
        ),
        (
            "stacking",
            "for one in (layer, other)\n",
            "for one in (layer, layer)\n",
            "opposite faces computed as like faces",
        ),
        (
            "signs-of-maps",
            "layer = solved_layer(sign)\n        points = PointSum(GrapheneHBN(exponent_sign=sign)",
            "layer = solved_layer(SIGNS[0])\n        points = PointSum(GrapheneHBN()",
            "both maps for the sign that conserves momentum",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/registries.py",
        (
            "trace",
            "values = np.asarray(np.trace(found, axis1=-2, axis2=-1) / 2)",
            "values = np.asarray(np.trace(found, axis1=-2, axis2=-1))",
            "the trace for its half",
        ),
        (
            "negative-share",
            "(one[:-1, :-1] < 0).mean()",
            "(one[:-1, :-1] > 0).mean()",
            "the share of positive drag",
        ),
        (
            "symmetric-points",
            "symmetric = np.stack([0 * third, third, -third])",
            "symmetric = np.stack([0 * third, third / 2, -third / 2])",
            "threefold points half-way",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/response.py",
        (
            "gap-reference",
            "reference = (static[0] - static[1]).conj()",
            "reference = static[0] - static[1]",
            "𝒞 at G for 𝒞 at −G",
        ),
        (
            "rate-axis",
            "at = 1j * np.array([0.0, *rates])",
            "at = np.array([0.0, *rates]) + 0j",
            "a real frequency for an imaginary one",
        ),
        (
            "twice-the-change",
            "ratio: Floats = -4 * product / weight",
            "ratio: Floats = -2 * product / weight",
            "half of the interband term at finite rate",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/rings.py",
        (
            "fermion-sign",
            "sign = (-1) ** (place + target.index(new))",
            "sign = 1",
            "bosons on the rings",
        ),
        (
            "transform",
            "_, states = np.linalg.eigh(bloch_hamiltonian(seed, k))\n    return complex(\n"
            "        np.abs(states[:, band]) ** 2 @ np.exp(-2j",
            "_, states = np.linalg.eigh(bloch_hamiltonian(seed, k))\n    return complex(\n"
            "        np.abs(states[:, band]) ** 2 @ np.exp(2j",
            "λ_{−G} on the rings",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/ring_dynamics.py",
        (
            "own-collisions",
            "rho = keep * rho + (1 - keep) * reset",
            "rho = keep * rho + (1 - keep) * rho",
            "rings that never relax",
        ),
        (
            "mean-field",
            'felt = np.einsum("rab,ra->rb", self._table, density)',
            'felt = 0 * np.einsum("rab,ra->rb", self._table, density)',
            "a ring that comes to rest without feeling the other",
        ),
    ),
    *within(
        "chapters/perturbation_theory/data/screening.py",
        (
            "screened-over-bare",
            "ratio: Floats = np.diag(self.screened) / np.diag(self.bare)",
            "ratio: Floats = np.diag(self.bare) / np.diag(self.screened)",
            "the ratio upside down",
        ),
        (
            "cone-of-vacuum",
            "cone = replace(model, coupling=0.0) if completed else None",
            "cone = model if completed else None",
            "the moiré bands taken for the vacuum's tail",
        ),
    ),
    *within(
        "chapters/sommerfeld/data.py",
        (
            "saddle-of-figure",
            "for a, b in (*pairs, (saddle, saddle))",
            "for a, b in (*pairs, (saddle + 5, saddle + 5))",
            "the van Hove curve 5 meV off",
        ),
        (
            "coefficient-of-curves",
            "np.array([coefficient[0, 0, 0, 0] for _, coefficient in low]),",
            "np.array([low[0][1][0, 0, 0, 0] for _, coefficient in low]),",
            "every T² coefficient that of the first curve",
        ),
        (
            "transverse",
            "complex_response = layer.susceptibility(mu, 0.0)[:, index, 0]",
            "complex_response = layer.susceptibility(mu, 0.0)[:, index, 1]",
            "the component along G",
        ),
        (
            "hbar-power",
            "c = 2 * states * velocity * form_factor * minus_slope_of_f / hbar**hbar_below",
            "c = 2 * states * velocity * form_factor * minus_slope_of_f",
            "dimensions that do not see an ħ",
        ),
        (
            "gap-of-forms",
            "GAP = -80.0",
            "GAP = -60.0",
            "a gap that is none",
        ),
        (
            "phase-of-saddle",
            "direction = predicted / abs(predicted)",
            "direction = predicted / abs(predicted) * np.exp(0.2j)",
            "a response taken along a phase that is 0.2 off",
        ),
    ),
    *within(
        "chapters/time_reversal/data.py",
        (
            "assumed-symmetry",
            'return DragLayer(model, mesh=mesh, shells=2, symmetry="none", solver="dense")',
            'return DragLayer(GrapheneHBN(cutoff=2), mesh=mesh, shells=2, symmetry="none", '
            'solver="dense")',
            "the other reading of Eq. 6 never solved",
        ),
        (
            "partners-at-k",
            "return solve_bands(model, k), solve_bands(model.other_valley(), -k)",
            "return solve_bands(model, k), solve_bands(model.other_valley(), k)",
            "K′ at k in place of −k",
        ),
        (
            "reversed-rows",
            "wanted = np.column_stack([-target.plane_waves, target.orbitals]).tolist()",
            "wanted = np.column_stack([target.plane_waves, target.orbitals]).tolist()",
            "G not turned round by time reversal",
        ),
    ),
    *within(
        "chapters/broadening/data.py",
        (
            "threefold-axis",
            "third = (first + second) / 3",
            "third = (first - second) / 3",
            "a centre that is no threefold axis",
        ),
        (
            "square-root-of-two",
            "for c in (1.0, np.sqrt(2.0))",
            "for c in (1.0, 1.0)",
            "the expansion without ½ compared with itself",
        ),
        (
            "relative-half",
            "float(0.5 * laplacian_of(one, 5e-3)(g).sum() / one(g).sum())",
            "float(laplacian_of(one, 5e-3)(g).sum() / one(g).sum())",
            "twice the coefficient of η²",
        ),
        (
            "within-sign",
            "c, d = -own[:-1], other[:-1] - other[-1]",
            "c, d = own[:-1], other[:-1] - other[-1]",
            "the sign between both parts of the response",
        ),
        (
            "five-points",
            "laplacian = (16 * (near - rest) - (far - rest)) / (3 * squared)",
            "laplacian = 4 * (near - rest) / squared",
            "a three-point for a five-point second derivative",
        ),
    ),
    *within(
        "chapters/detection/data/chain.py",
        (
            "valley-degeneracy",
            "[4 * dirac_hall_conductivity(mu - centre, mass, t) for t in temperatures.tolist()]",
            "[2 * dirac_hall_conductivity(mu - centre, mass, t) for t in temperatures.tolist()]",
            "Dirac cones of one spin",
        ),
        (
            "off-diagonal",
            "drag[:, :, 0, 0].diagonal(),",
            "drag[:, :, 0, 0][0],",
            "a row of the map for its diagonal",
        ),
    ),
    *within(
        "chapters/detection/data/voltmeter.py",
        (
            "low-frequency",
            "voltage = 1j * scaled * (1 - 1j * scaled) ** 2",
            "voltage = 1j * (1 - 1j * scaled) ** 2",
            "a voltage that does not vanish at rest",
        ),
        (
            "mean-free-path",
            "derivative))\n    path",
            "derivative)) / 2\n    path",
            "half of the velocity of the band's electrons",
        ),
    ),
)
