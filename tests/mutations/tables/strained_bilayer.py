"""Mistakes in the strained bilayer at the magic angle: lattice, model, contours, rates."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "bands/oblique.py",
        (
            "inverse-deformation",
            "return _validate.frozen(self.triangular.reciprocal_vectors @ self._matrix.T)",
            "return _validate.frozen(self.triangular.reciprocal_vectors @ self._matrix)",
            "reciprocal vectors deformed by the transposed matrix",
        ),
        (
            "folded-back",
            "return folded @ self._matrix.T, pairs",
            "return folded, pairs",
            "folded wavevectors left in the triangular zone",
        ),
    ),
    *within(
        "models/continuum_tbg.py",
        (
            "diagonal-tunnelling",
            "np.array([[same, other], [other, same]])",
            "np.array([[other, same], [same, other]])",
            "w_AA and w_AB exchanged",
        ),
        (
            "transfers",
            "_TRANSFERS = np.array([[0, 0], [1, 0], [1, 1]])",
            "_TRANSFERS = np.array([[0, 0], [1, 0], [0, 1]])",
            "transfers that are no equilateral star",
        ),
        (
            "second-layer-origin",
            "momenta[count:] += self.q_vectors[0]",
            "momenta[count:] -= self.q_vectors[0]",
            "the Dirac point of layer 2 on the other side",
        ),
        (
            "mass-sign",
            "self.masses[layer - 1] * np.array([1.0 + 0j, -1.0])",
            "self.masses[layer - 1] * np.array([1.0 + 0j, 1.0])",
            "a mass that is the same on both sublattices",
        ),
        (
            "stretch",
            "stretch = np.eye(2) + (1 - self.hopping_slope) * self.geometry.strain_tensor",
            "stretch = np.eye(2) - (1 - self.hopping_slope) * self.geometry.strain_tensor",
            "cones stretched the wrong way",
        ),
        (
            "masses-reversed",
            "self.masses[layer - 1] * np.array([1.0 + 0j, -1.0])",
            "self.masses[layer - 1] * np.array([-1.0 + 0j, 1.0])",
            "masses of the other sign in both layers",
        ),
    ),
    *within(
        "switching/moire_contours.py",
        (
            "state-weight",
            "length / (4 * np.pi**2 * self.speeds)",
            "length / (4 * np.pi**2)",
            "a density of states without the speed",
        ),
        (
            "outward",
            "outward = np.stack([self.elements[:, 1], -self.elements[:, 0]], axis=-1)",
            "outward = np.stack([-self.elements[:, 1], self.elements[:, 0]], axis=-1)",
            "velocities that point inwards",
        ),
        (
            "occupation-nodes",
            "return np.asarray(kT * np.log((1 - x) / (1 + x))), np.asarray(weights / 2)",
            "return np.asarray(kT * np.log((1 - x) / (1 + x))), np.asarray(weights)",
            "thermal weights that add up to two",
        ),
        (
            "neutrality",
            "return float(weights @ count(level + offsets)) - half - wanted",
            "return float(weights @ count(level + offsets)) - wanted",
            "a filling counted from the lowest band",
        ),
    ),
    *within(
        "switching/moire_scattering.py",
        (
            "amplitudes-for-densities",
            "densities = contour.site_densities()",
            "densities = np.sqrt(contour.site_densities())",
            "rates from amplitudes in place of densities",
        ),
        (
            "bra-conjugate",
            "products = contour.states[:, bra].conj() * contour.states[:, ket]",
            "products = contour.states[:, bra] * contour.states[:, ket]",
            "form factors without the adjoint",
        ),
        (
            "coherent-layers",
            "rates += np.abs(one.conj() @ one.T) ** 2",
            "rates += np.abs(one @ one.T) ** 2",
            "a smooth potential that joins a state with its conjugate",
        ),
        (
            "valley-of-rates",
            "{(0, 0): within, (1, 1): within, (1, 0): between},",
            "{(0, 0): within, (1, 1): within, (1, 0): np.ones_like(between)},",
            "a constant rate between the valleys, which makes no valley density",
        ),
        (
            "fixed-current",
            "np.linalg.solve(self.current.T, self.density)",
            "np.linalg.solve(self.current, self.density[::-1])",
            "the current along the other axis",
        ),
    ),
    *within(
        "chapters/magic_angle/data/switching.py",
        (
            "half-the-interaction",
            "interaction = 2 / float(hot.susceptibility(0.0))",
            "interaction = 1 / float(hot.susceptibility(0.0))",
            "an interaction below that of the Stoner criterion",
        ),
    ),
)
