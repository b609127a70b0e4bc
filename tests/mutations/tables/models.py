"""Mistakes in the materials."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "models/graphene_hbn.py",
        (
            "omega",
            "_OMEGA = np.exp(2j * math.pi / 3)",
            "_OMEGA = np.exp(-2j * math.pi / 3)",
            "ω and ω* exchanged in every valley",
        ),
        (
            "sigma-y",
            "_SIGMA_Y = np.array([[0, -1j], [1j, 0]])",
            "_SIGMA_Y = np.array([[0, 1j], [-1j, 0]])",
            "the sign of σ_y",
        ),
        (
            "valley-phase",
            "else _OMEGA.conj()",
            "else _OMEGA",
            "K′ with the phases of K, which breaks time reversal",
        ),
        (
            "transfer-star",
            'third = (1, 1) if self.transfer_star == "equilateral" else (0, 1)',
            "third = (0, 1)",
            "transfers that are no equilateral star",
        ),
        (
            "exponent-sign",
            'sign = self.valley if self.exponent_sign == "as_printed" else -self.valley',
            "sign = self.valley",
            "the momentum transfer towards the other side of the Dirac point",
        ),
        (
            "coupling-adjoint",
            "h0[:n_graphene, n_graphene:] = coupling.conj().T",
            "h0[:n_graphene, n_graphene:] = coupling.T",
            "a Hamiltonian that is not Hermitian",
        ),
        (
            "onsite-order",
            "onsite = np.tile([self.nitrogen_onsite, self.boron_onsite], len(hbn))",
            "onsite = np.tile([self.boron_onsite, self.nitrogen_onsite], len(hbn))",
            "boron and nitrogen exchanged",
        ),
        (
            "mismatch",
            "return self.hbn_lattice_constant / self.lattice_constant - 1",
            "return 1 - self.lattice_constant / self.hbn_lattice_constant",
            "the mismatch in units of hBN",
        ),
        (
            "period",
            "return MoireLattice(self.lattice_constant * (1 + self.mismatch) / self.mismatch)",
            "return MoireLattice(self.lattice_constant / self.mismatch)",
            "the period without 1 + ε",
        ),
        (
            "effective-sign",
            "return np.diag(1 / (energy - onsite)).astype(complex)",
            "return np.diag(1 / (onsite - energy)).astype(complex)",
            "hBN eliminated with the wrong sign",
        ),
        (
            "neutrality",
            "occupied=len(graphene) + len(hbn),",
            "occupied=len(graphene) + len(hbn) + 1,",
            "charge neutrality one band too high",
        ),
        (
            "mass-sign",
            "float(np.sign(on_a - on_b)) * (high - low) / 2",
            "float(np.sign(on_b - on_a)) * (high - low) / 2",
            "the sign of the mass of the primary cone",
        ),
        (
            "coupling-strength",
            "coupling: float = 152.0",
            "coupling: float = 155.0",
            "u₀ two per cent too large",
        ),
        (
            "inverted",
            "return replace(self, nitrogen_onsite=self.boron_onsite, "
            "boron_onsite=self.nitrogen_onsite)",
            "return replace(self, nitrogen_onsite=self.nitrogen_onsite)",
            "the opposite face of hBN taken for the same",
        ),
    ),
    *within(
        "models/elimination.py",
        (
            "self-consistency",
            "_ROUNDS = 3",
            "_ROUNDS = 0",
            "elimination without its self-consistency",
        ),
        (
            "one-round",
            "weight = (e**2 / (e + linear.reference - linear.onsite[:, None]))[..., None, None]",
            "weight = (e**2 / (linear.reference - linear.onsite[:, None] + 0 * e))[..., None, None]",
            "the hBN propagator at the reference energy",
        ),
        (
            "hbn-restored",
            "state = np.concatenate([graphene[..., 0], hbn], axis=1)",
            "state = np.concatenate([graphene[..., 0], 0 * hbn], axis=1)",
            "states without their weight on hBN",
        ),
        (
            "metric",
            "metric = np.eye(len(effective)) + adjoint @ (resolvent**2 * coupling)",
            "metric = np.eye(len(effective)) + 0 * adjoint @ (resolvent**2 * coupling)",
            "the weight on hBN left out of the norm",
        ),
    ),
    *within(
        "models/strained_hopping.py",
        (
            "gauge-shear",
            "return size * np.array([e[0, 0] - e[1, 1], -2 * e[0, 1]])",
            "return size * np.array([e[0, 0] - e[1, 1], 2 * e[0, 1]])",
            "the sign of the gauge field of a shear",
        ),
        (
            "gauge-size",
            "size = math.sqrt(3) * beta / (2 * a)",
            "size = math.sqrt(3) * beta / a",
            "twice the gauge field",
        ),
        (
            "bond-exponent",
            "exponent = -beta * (stretch - 1)",
            "exponent = beta * (stretch - 1)",
            "longer bonds hop more easily",
        ),
        (
            "stretch-root",
            "(vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T",
            "(vectors * np.maximum(values, 0.0)) @ vectors.T",
            "the square of the stretch of the cone",
        ),
    ),
    *within(
        "models/twisted_bilayer.py",
        (
            "tunnelling-phase",
            "matrices[:, 1, 0] *= np.exp(1j * _DIRECTIONS)",
            "matrices[:, 1, 0] *= np.exp(-1j * _DIRECTIONS)",
            "tunnelling phases that break C₃",
        ),
        (
            "strain-shear",
            "[[math.cos(double), math.sin(double)], [math.sin(double), -math.cos(double)]]",
            "[[math.cos(double), -math.sin(double)], [-math.sin(double), -math.cos(double)]]",
            "the strain turned the other way",
        ),
        (
            "poisson",
            "((self.poisson_ratio - 1) * np.eye(2) - (1 + self.poisson_ratio) * shear)",
            "((-self.poisson_ratio - 1) * np.eye(2) - (1 - self.poisson_ratio) * shear)",
            "the sign of Poisson's ratio (Ying Eq. 16)",
        ),
        (
            "strain-of-k",
            "strained: Array = q - k @ tensor + shift",
            "strained: Array = q + k @ tensor + shift",
            "Dirac points moved along with the stretched lattice",
        ),
        (
            "gauge-of-strain",
            "strained: Array = q - k @ tensor + shift",
            "strained: Array = q - k @ tensor - shift",
            "the gauge field of the hopping with the wrong sign",
        ),
        (
            "twist-direction",
            "q = self.twist * np.stack([k[:, 1], -k[:, 0]], axis=-1)",
            "q = self.twist * np.stack([-k[:, 1], k[:, 0]], axis=-1)",
            "layers twisted the other way",
        ),
        (
            "dirac-turn",
            "turn = np.exp(1j * (0.5 if layer == 2 else -0.5) * self.twist)",
            "turn = 1",
            "layers whose Dirac terms are not turned",
        ),
        (
            "dirac-chirality",
            "off = self.hbar_v * (k[..., 0] - 1j * k[..., 1]) * turn",
            "off = self.hbar_v * (k[..., 0] + 1j * k[..., 1]) * turn",
            "cones of the other chirality",
        ),
        (
            "second-layer-momentum",
            "sign = 1 if layer == 1 else -1",
            "sign = 1",
            "both layers reached by the same momenta",
        ),
        (
            "time-reversal",
            "return h if valley == 1 else h.conj()",
            "return h",
            "K′ not conjugated",
        ),
        (
            "tunnelling-ratio",
            "return self.tunnelling * 2 * self.mass / (self.hbar_v * self.moire_wavevector) ** 2",
            "return self.tunnelling * self.mass / (self.hbar_v * self.moire_wavevector) ** 2",
            "t half as large (Ying Eq. B13)",
        ),
        (
            "layers-of-weights",
            "ordered: Array = split if self.layer == 1 else split[:, ::-1]",
            "ordered: Array = split",
            "layer 1 taken for layer 2 in the weights",
        ),
        (
            "interference",
            'other = np.abs(np.einsum("njx,jr->nxr", self.amplitudes[:, 1:], waves)) ** 2',
            'other = np.einsum("njx,jr->nxr", np.abs(self.amplitudes[:, 1:]) ** 2, '
            "np.abs(waves) ** 2)",
            "no interference of the three components of the other layer",
        ),
        (
            "pocket-band",
            "amplitudes = vectors[..., 4].reshape(points, 4, 2)",
            "amplitudes = vectors[..., 3].reshape(points, 4, 2)",
            "states of the valence band",
        ),
    ),
    *within(
        "models/two_valley.py",
        (
            "flux-of-valley",
            "phase = valley * self.flux",
            "phase = self.flux",
            "both valleys with the same Chern number",
        ),
        (
            "sublattice-flux",
            "np.cos(angles - phase).sum(-1) - self.mass",
            "np.cos(angles + phase).sum(-1) - self.mass",
            "no Haldane mass",
        ),
        (
            "broadening-width",
            "bells = np.exp(-0.5 * ((grid[:, None] - centres) / width) ** 2)",
            "bells = np.exp(-(((grid[:, None] - centres) / width) ** 2))",
            "a Gaussian of width η/√2",
        ),
        (
            "cell-of-states",
            "values = bells @ counts / (levels.size * self.cell_area * width",
            "values = bells @ counts / (levels.size * width",
            "states per cell in place of per area",
        ),
        (
            "chern-sign",
            "return float(-resolved_flux(*links).sum() / (2 * math.pi))",
            "return float(resolved_flux(*links).sum() / (2 * math.pi))",
            "the sign of the Chern number",
        ),
        (
            "white-noise",
            "rng.normal(scale=1 / math.sqrt(2 * math.pi * nu * tau * area), size=shape)",
            "rng.normal(scale=1 / math.sqrt(2 * math.pi * nu * tau), size=shape)",
            "the variance of white noise without the area of a site",
        ),
        (
            "curvature-sign",
            "return np.asarray(-2 * np.imag(vx * vy.conj()) / gap**2)",
            "return np.asarray(2 * np.imag(vx * vy.conj()) / gap**2)",
            "the sign of the Berry curvature of two bands",
        ),
        (
            "second-valley-real-space",
            "[np.diag(v1), clean.conj() + diagonal]])",
            "[np.diag(v1), clean + diagonal]])",
            "valley − is a copy of valley +",
        ),
    ),
)
