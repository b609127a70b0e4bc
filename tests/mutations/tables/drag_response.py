"""Mistakes in a layer, its response, and the drag to first order."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "drag/blocks.py",
        (
            "half-shell",
            "else half[index[-n, -m]].conj()",
            "else half[index[-n, -m]]",
            "λ_{−G} = λ_G without the conjugate",
        ),
        (
            "wrong-part",
            "part = _quarter(block.points[inside], tile)",
            "part = _quarter(block.points[inside], tile[::-1])",
            "wavevectors in the basis of another part of their tile",
        ),
    ),
    *within(
        "drag/conductivity.py",
        (
            "same-layer-shortcut",
            "same = layer1 is layer2 and mu1 is mu2",
            "same = layer1 is layer2",
            "layer 2 at the chemical potential of layer 1",
        ),
        (
            "missing-shell",
            "for shell in range(1, layer1.shells + 1))",
            "for shell in range(2, layer1.shells + 1))",
            "the sum over G without its first shell",
        ),
    ),
    *within(
        "drag/density_response.py",
        (
            "valleys",
            "_VALLEYS = 2",
            "_VALLEYS = 1",
            "screening by one valley",
        ),
        (
            "shift-phase",
            "turned: Complex = parts * np.exp(-1j * (g[:, None] - g))",
            "turned: Complex = parts * np.exp(1j * (g[:, None] - g))",
            "the phase of a displaced moiré with the wrong sign",
        ),
        (
            "cone",
            "return np.asarray(-length / (4 * cone.hbar_v) - of_basis)",
            "return np.asarray(-length / (8 * cone.hbar_v) - of_basis)",
            "half the interband response of a Dirac cone",
        ),
        (
            "intraband-sign",
            "weights = -minus_fermi_derivative(energies, mu[:, None], kT)",
            "weights = minus_fermi_derivative(energies, mu[:, None], kT)",
            "electrons that anti-screen",
        ),
        (
            "reach",
            "_REACH_IN_KT = 40",
            "_REACH_IN_KT = 1",
            "levels more than k_BT away taken as full or empty",
        ),
        (
            "pairs-once",
            "[fixed + between for between in sums(moving, mu)]",
            "list(sums(moving, mu))",
            "pairs far from the Fermi level left out of the response",
        ),
        (
            "half-not-opposite",
            "yield half + half[opposite[:, None], opposite].conj()",
            "yield half + half.conj()",
            "λ_G of the exchanged pair of bands taken for λ_{−G}",
        ),
        (
            "half-not-conjugated",
            "yield half + half[opposite[:, None], opposite].conj()",
            "yield half + half[opposite[:, None], opposite]",
            "λ_{−G} of the exchanged pair of bands not conjugated",
        ),
    ),
    *within(
        "drag/filling.py",
        (
            "spin",
            "return spins(self.model) / self.lattice.cell_area * (count[0] + count[1])",
            "return 1 / self.lattice.cell_area * (count[0] + count[1])",
            "a density without spin",
        ),
        (
            "neutrality",
            "return np.asarray(filled - self.energies.shape[1] // 2)",
            "return np.asarray(filled - self.energies.shape[1] // 2 + 1)",
            "densities counted from a band below neutrality",
        ),
        (
            "slope-of-count",
            "slopes = weights * -np.tanh((mu - nodes[:, None]) / (2 * kT)) / kT",
            "slopes = weights * np.tanh((mu - nodes[:, None]) / (2 * kT)) / kT",
            "the sign of the thermal density of states at low temperature",
        ),
        (
            "carriers-slice",
            "np.searchsorted(levels.energies, mu + s * 37 * kT) for s in (-1, 1)",
            "np.searchsorted(levels.energies, mu + s * 2 * kT) for s in (-1, 1)",
            "levels beyond 2 k_BT taken as full or empty",
        ),
        (
            "other-valley",
            "return own, _Count(layer.zone, solved[-valley].energies, layer.thermal_resolution)",
            "return own, own",
            "K′ filled as K where time reversal does not hold",
        ),
    ),
    *within(
        "drag/interlayer.py",
        (
            "prefactor",
            "return -2 * math.pi",
            "return 2 * math.pi",
            "the sign of Kundu Eq. 1",
        ),
        (
            "gate-factor",
            "-np.expm1(-2 * q * self.gate_distance) / q",
            "-np.expm1(-q * self.gate_distance) / q",
            "the image charge at half its distance",
        ),
        (
            "distance",
            "prefactor * np.exp(-q * self.distance)",
            "prefactor * np.exp(-2 * q * self.distance)",
            "twice the distance between the layers",
        ),
        (
            "coulomb-two-pi",
            "prefactor = 2 * math.pi * COULOMB_MEV_NM / self.permittivity",
            "prefactor = 4 * math.pi * COULOMB_MEV_NM / self.permittivity",
            "the Coulomb interaction of three dimensions",
        ),
        (
            "zero-wavenumber",
            "at_zero = 0.0 if self.gate_distance == math.inf else 2 * self.gate_distance",
            "at_zero = 0.0",
            "no interaction at q = 0",
        ),
        (
            "minus-g",
            "opposite = first.conj().swapaxes(-1, -2)",
            "opposite = first.swapaxes(-1, -2)",
            "𝒞₁(G) in place of 𝒞₁(−G)",
        ),
        (
            "matrix-transposed",
            "acted = potential @ second[..., None, :, :, :]",
            "acted = potential.swapaxes(-1, -2) @ second[..., None, :, :, :]",
            "a screened interaction transposed",
        ),
        (
            "xi-half",
            "return np.asarray(0.5 * potential * product, dtype=np.float64)",
            "return np.asarray(potential * product, dtype=np.float64)",
            "Ξ summed over directions in place of averaged",
        ),
        (
            "xi-conjugate",
            "product = (first.conj() * second).sum(axis=-1).real",
            "product = (first * second).sum(axis=-1).real",
            "Re 𝒞₁𝒞₂ in place of Re 𝒞₁*𝒞₂",
        ),
    ),
    *within(
        "drag/layer.py",
        (
            "resolution",
            "return self.model.hbar_v * spacing * math.log(1e3) / (2 * math.pi**2)",
            "return 0.1 * self.model.hbar_v * spacing * math.log(1e3) / (2 * math.pi**2)",
            "point sums trusted down to a tenth of the resolved k_BT",
        ),
        (
            "spin",
            "per_area = spins(self.model) / self.lattice.cell_area\n        return over_orbits",
            "per_area = 1 / self.lattice.cell_area\n        return over_orbits",
            "a susceptibility without spin",
        ),
        (
            "points-at-low-temperature",
            "if kT >= self.thermal_resolution:",
            "if kT > 0:",
            "point sums at every temperature",
        ),
        (
            "guard",
            "self.require_complete(np.concatenate(per_valley(mu)), float(temperatures.max()))",
            "pass",
            "susceptibilities where bands are missing",
        ),
        (
            "solver-error",
            'if self.solver == "dense":\n            return 0.0, 0.0',
            "if True:\n            return 0.0, 0.0",
            "an expansion that says it has no error",
        ),
    ),
    *within(
        "drag/settings.py",
        (
            "refinement-stops",
            "while mesh_error > of_mesh:",
            "while mesh_error > 100 * of_mesh:",
            "the adaptive mesh stops at 100 × its tolerance",
        ),
        (
            "distance-to-itself",
            "error = np.linalg.norm(found - reference, axis=(-2, -1))",
            "error = np.linalg.norm(found - found, axis=(-2, -1))",
            "an error estimate that compares a thing with itself",
        ),
        (
            "shells-too-few",
            "if error <= _OF_SHELLS * self.tolerance:",
            "if error <= 100 * _OF_SHELLS * self.tolerance:",
            "shells left out that are above the tolerance",
        ),
        (
            "tiles-too-few",
            "left = _CANCEL * error * (_FEW / divisions) ** 3",
            "left = _CANCEL * error * (_FEW / divisions) ** 6",
            "an expansion whose error falls twice as fast as it does",
        ),
        (
            "errors-fall-on",
            "_SLOWEST, _LASTING, _FASTEST = 2.0, 0.6, 4.0",
            "_SLOWEST, _LASTING, _FASTEST = 2.0, 2.0, 500.0",
            "an error said to fall twice as fast as on coarser meshes",
        ),
    ),
    *within(
        "drag/valleys.py",
        (
            "spin-degeneracy",
            "SPIN_DEGENERACY = 2",
            "SPIN_DEGENERACY = 1",
            "no spin anywhere",
        ),
        (
            "flavours-exchanged",
            'return (1, -1) if chosen == "valley" else (1, 1)',
            'return (1, -1) if chosen == "charge" else (1, 1)',
            "valley and charge exchanged",
        ),
        (
            "time-reversal-own-mu",
            "np.concatenate([mu_k, mu_k_prime])",
            "np.concatenate([mu_k, mu_k])",
            "time reversal with the chemical potential of K in K′",
        ),
        (
            "time-reversal-sign",
            "layer.model, mu_k)\n        of_k_prime = -of_k",
            "layer.model, mu_k)\n        of_k_prime = of_k",
            "a current that time reversal does not reverse",
        ),
        (
            "shift-phase",
            "np.exp(-1j * layer.lattice.vectors(layer.pairs) @ np.asarray(layer.shift))",
            "np.exp(1j * layer.lattice.vectors(layer.pairs) @ np.asarray(layer.shift))",
            "a displaced moiré with the wrong phase",
        ),
    ),
    *within(
        "drag/van_hove.py",
        (
            "one-ordering",
            "return np.asarray(forward + backward, dtype=np.complex128)",
            "return np.asarray(forward, dtype=np.complex128)",
            "one of the two terms of ∂_kλ",
        ),
        (
            "valleys",
            "2 * spins(layer.model) * saddle.logarithm",
            "spins(layer.model) * saddle.logarithm",
            "the van Hove logarithm of one valley",
        ),
    ),
)
