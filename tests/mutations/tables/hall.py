"""Mistakes in the valley Hall effect, in strips, in units and in sweeps."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "hall/exact.py",
        (
            "chern-sign",
            "return float(-flux.sum() / (2 * math.pi))",
            "return float(flux.sum() / (2 * math.pi))",
            "the sign of the valley Chern number",
        ),
        (
            "half-quantum",
            "hall: Floats = -0.5 * valley * math.copysign(1.0, mass) * (share @ weights)",
            "hall: Floats = -1.0 * valley * math.copysign(1.0, mass) * (share @ weights)",
            "e²/h in place of e²/2h of one cone",
        ),
        (
            "cone-sign",
            "hall: Floats = -0.5 * valley * math.copysign(1.0, mass) * (share @ weights)",
            "hall: Floats = 0.5 * valley * math.copysign(1.0, mass) * (share @ weights)",
            "the sign of the Hall conductivity of a cone",
        ),
        (
            "thermal-width",
            "energies = energies + 2 * kT * np.arctanh(np.cos(theta))",
            "energies = energies + kT * np.arctanh(np.cos(theta))",
            "half the temperature",
        ),
    ),
    *within(
        "hall/layer.py",
        (
            "curvature-sign",
            "curvature = -2 * np.imag(v_x * v_y.swapaxes(-1, -2) / gap**2).sum(axis=-1)",
            "curvature = 2 * np.imag(v_x * v_y.swapaxes(-1, -2) / gap**2).sum(axis=-1)",
            "the sign of the Berry curvature of the expansion",
        ),
        (
            "remote-sign",
            "matrix = 1j * (product - product.conj().T)",
            "matrix = -1j * (product - product.conj().T)",
            "the sign of what remote bands add to the curvature",
        ),
        (
            "drude-half",
            "self.lattice.cell_area * 0.5 * sums",
            "self.lattice.cell_area * sums",
            "a Drude weight without ½",
        ),
        (
            "valley-sign",
            "spins(self.model) * VALLEYS * self.model.valley * per_flavour",
            "spins(self.model) * VALLEYS * per_flavour",
            "the valley Hall conductivity of K for K′",
        ),
        (
            "sea",
            "filled = samples.weights @ samples.sea + self._curvature.filled_sum(levels, kT)",
            "filled = self._curvature.filled_sum(levels, kT)",
            "the curvature of the filled bands below left out",
        ),
        (
            "weights-of-samples",
            "part.weights[:] = (edge / self.lattice.k_m) ** 2",
            "part.weights[:] = edge / self.lattice.k_m",
            "triangles weighted by their edge",
        ),
        (
            "refinement",
            "_GAP_PER_EDGE = 3",
            "_GAP_PER_EDGE = 0",
            "no refinement where a gap is narrow",
        ),
    ),
    *within(
        "hall/strip.py",
        (
            "hall-angles",
            "resistance = sigma12 / (sigma1 * sigma2) * (hall1 / sigma1) * (hall2 / sigma2)",
            "resistance = sigma12 / (sigma1 * sigma2) * (hall1 / sigma1) * (hall1 / sigma1)",
            "the Hall angle of layer 1 in both layers (Kundu Eq. 4)",
        ),
        (
            "geometry",
            "geometry = length / width * np.exp(-length / valley_length)",
            "geometry = width / length * np.exp(-length / valley_length)",
            "length and width exchanged",
        ),
        (
            "hall-antisymmetric",
            "hall = sp.kron(c_x, c_y.T) - sp.kron(c_x.T, c_y)",
            "hall = sp.kron(c_x, c_y.T) + sp.kron(c_x.T, c_y)",
            "a symmetric Hall term",
        ),
        (
            "valley-decay",
            "mass = sp.kron(m_x, m_y) / self.valley_length**2",
            "mass = sp.kron(m_x, m_y) / self.valley_length",
            "valleys that relax at the wrong rate",
        ),
        (
            "reaction-of-drag",
            "[None, self.drag * stiffness, h2 * hall, sigma2 * (stiffness + mass)],",
            "[None, 0 * stiffness, h2 * hall, sigma2 * (stiffness + mass)],",
            "layer 1 drags layer 2, which feels nothing",
        ),
        (
            "closure",
            '("field", "total"): -1,',
            '("field", "total"): 1,',
            "the constant of the closed form for one of the boundary conditions",
        ),
        (
            "chain-half",
            "geometry = strip.width / (2 * strip.valley_length) * np.exp(-ratio)",
            "geometry = strip.width / strip.valley_length * np.exp(-ratio)",
            "twice the resistance of the chain",
        ),
        (
            "linear-elements",
            "((mass, step / 3, step / 6), (stiffness, 1 / step, -1 / step))",
            "((mass, step / 3, step / 3), (stiffness, 1 / step, -1 / step))",
            "the mass matrix of the elements",
        ),
    ),
    *within(
        "units.py",
        (
            "density-unit",
            "_1E12_PER_CM2_IN_1_PER_NM2 = (_si.centi / NM) ** 2 / 1e12",
            "_1E12_PER_CM2_IN_1_PER_NM2 = (_si.centi / NM) ** 2 / 1e11",
            "densities ten times too large",
        ),
        (
            "kelvin",
            "return KB_MEV_PER_K * temperature_kelvin",
            "return 2 * KB_MEV_PER_K * temperature_kelvin",
            "temperatures doubled",
        ),
        (
            "velocity",
            "return hbar_velocity_mev_nm * MEV * NM / _si.hbar",
            "return hbar_velocity_mev_nm * MEV * NM / _si.h",
            "h for ħ in a velocity",
        ),
    ),
    *within(
        "sweep.py",
        (
            "order-of-results",
            "return [found[i] for i in range(len(parameters))]",
            "return list(found.values())",
            "results of a pool in the order in which they come",
        ),
        (
            "kept-in-vain",
            "missing = [i for i in range(len(parameters)) if i not in found]",
            "missing = list(range(len(parameters)))",
            "a sweep that is taken up computes everything again",
        ),
    ),
    *within(
        "_results.py",
        (
            "another-function",
            'told = f"{name}\\n{source}\\n{cache.code_key()}"',
            'told = f"{cache.code_key()}"',
            "the results of one function are taken for those of another",
        ),
    ),
    *within(
        "cache.py",
        (
            "parameters-not-compared",
            "return arrays if found == parameters else None",
            "return arrays",
            "a stored layer of other parameters is taken",
        ),
        (
            "foreign",
            "if folder is None or any(map(is_foreign, parameters)):",
            "if folder is None:",
            "a model whose name says less than it is shares its stored layer with others",
        ),
        (
            "key-of-code",
            "total.update(hashlib.sha256(path.read_bytes()).digest())",
            "pass",
            "stored layers survive a change of the code",
        ),
    ),
)
