"""Mistakes in the lattice, in symmetries, and in expansions of the bands."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "bands/kdotp.py",
        (
            "states-normalised",
            "states /= np.linalg.norm(states, axis=1, keepdims=True)",
            "pass",
            "form factors of states that are not normalised",
        ),
        (
            "velocities-normalised",
            "return energies, vectors, np.stack(velocities) / (norm[:, :, None] * norm[:, None, :])",
            "return energies, vectors, np.stack(velocities)",
            "velocities between states that are not normalised",
        ),
        (
            "second-order-states",
            "- p @ _by_monomial(overlap) / 2",
            "+ p @ _by_monomial(overlap) / 2",
            "the sign of the normalisation to second order",
        ),
        (
            "third-order",
            "h_3 = h_3 - (overlap[:, :, None] @ v_pp + v_pp[:, None, None] @ overlap) / 2",
            "h_3 = h_3 - overlap[:, :, None] @ v_pp",
            "a third-order term that is not symmetrised",
        ),
        (
            "second-order",
            "h_2 = h_2 - (overlap * e_p + e_p[:, None] * overlap) / 2",
            "h_2 = h_2 - (overlap * e_p + e_p[:, None] * overlap)",
            "twice the energy of the overlap in second order",
        ),
        (
            "admixture-sign",
            "gap = e_p - e_q[:, None]",
            "gap = e_q[:, None] - e_p",
            "remote bands admixed with the wrong sign",
        ),
        (
            "widest-gap",
            "widest = int(np.argmax(steps[: most - fewest + 1]))",
            "widest = int(np.argmin(steps[: most - fewest + 1]))",
            "the expansion cut at the narrowest gap",
        ),
    ),
    *within(
        "bands/lattice.py",
        (
            "cell-area",
            "return math.sqrt(3) / 2 * self.period**2",
            "return math.sqrt(3) / 4 * self.period**2",
            "half the area of the moiré cell",
        ),
        (
            "zone-area",
            "return (2 * math.pi) ** 2 / self.cell_area",
            "return 2 * math.pi / self.cell_area",
            "one factor 2π in the area of the zone",
        ),
        (
            "reciprocal-length",
            "return 4 * math.pi / (math.sqrt(3) * self.period)",
            "return 2 * math.pi / self.period",
            "the reciprocal vector of a square lattice",
        ),
        (
            "corner-length",
            "return 4 * math.pi / (3 * self.period)",
            "return 2 * math.pi / (3 * self.period)",
            "half the way to the zone corner",
        ),
        (
            "shell-length",
            "squared: Ints = n * n - n * m + m * m",
            "squared: Ints = n * n + n * m + m * m",
            "lengths of vectors 60° apart, where G₁ and G₂ are 120° apart",
        ),
        (
            "diagonal-of-triangles",
            "one = np.stack([corner(0, 0), corner(1, 0), corner(1, 1)], axis=-1)\n"
            "    two = np.stack([corner(0, 0), corner(0, 1), corner(1, 1)], axis=-1)",
            "one = np.stack([corner(0, 0), corner(1, 0), corner(0, 1)], axis=-1)\n"
            "    two = np.stack([corner(1, 0), corner(0, 1), corner(1, 1)], axis=-1)",
            "triangles along the long diagonal, which C₃ does not map onto one another",
        ),
        (
            "fold-candidates",
            "np.array([[0, 0], [0, 1], [1, 0], [1, 1]])",
            "np.array([[0, 0], [0, 1], [1, 0], [0, 0]])",
            "folding that misses one corner of the parallelogram",
        ),
        (
            "mirror-conjugates",
            "operations.append(PointOperation(pairs, cartesian, mirrored))",
            "operations.append(PointOperation(pairs, cartesian, False))",
            "a mirror that does not conjugate",
        ),
        (
            "mirror-axis",
            "_MIRROR = np.array([[1, 0], [1, -1]])",
            "_MIRROR = np.array([[-1, 0], [-1, 1]])",
            "the mirror k_x → −k_x, which exchanges the valleys",
        ),
        (
            "weights-of-wedge",
            "weights = np.bincount(index) / size**2",
            "weights = np.full(len(np.bincount(index)), 1 / len(np.bincount(index)))",
            "all points of the wedge weighted alike",
        ),
        (
            "path-distance",
            "lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)",
            "lengths = np.ones(len(points) - 1)",
            "a band structure over the number of the point in place of the length",
        ),
    ),
    *within(
        "bands/monomials.py",
        (
            "mixed-monomial",
            "(powers[of_x, 0] * powers[of_y, 1])",
            "(powers[of_x, 0] * powers[of_y, 1] * (1 + ((of_x == 1) & (of_y == 1)))[:, None])",
            "the mixed term of second order counted twice",
        ),
        (
            "product-of-monomials",
            "total * (total + 1) // 2 + of_y)",
            "total * (total + 1) // 2 + of_x)",
            "products of monomials with x and y exchanged",
        ),
    ),
    *within(
        "bands/plaquettes.py",
        (
            "unresolved-flux",
            "_LARGEST_FLUX = 0.5 * math.pi",
            "_LARGEST_FLUX = 2 * math.pi",
            "plaquettes through which the phase has turned over",
        ),
        (
            "one-side",
            "flux: Floats = np.angle(right * up * left * down)",
            "flux: Floats = np.angle(right * up * left.conj() * down)",
            "one side of the plaquette walked backwards",
        ),
    ),
    *within(
        "bands/small_basis.py",
        (
            "tolerance",
            "_TOLERANCE = 3e-7",
            "_TOLERANCE = 3e-1",
            "a basis accepted although its energies are wrong",
        ),
        (
            "close-bands",
            "_CLOSE = 1e-2",
            "_CLOSE = -1.0",
            "nearly degenerate bands not taken from the expansion",
        ),
        (
            "normalised",
            "diagonal[1:] /= diagonal[0]",
            "pass",
            "expectation values of states that are not normalised",
        ),
        (
            "imaginary-part",
            "form_factors = diagonal[3::2] + 1j * diagonal[4::2]",
            "form_factors = diagonal[3::2] - 1j * diagonal[4::2]",
            "λ_G conjugated",
        ),
        (
            "antisymmetric-part",
            "antisymmetric = 1j * (upper - lower)",
            "antisymmetric = 1j * (upper + lower)",
            "the antisymmetric part of an operator replaced by the symmetric one",
        ),
    ),
    *within(
        "bands/stars.py",
        (
            "antiunitary",
            "turned.conj() if self.conjugates else turned",
            "turned",
            "images under mirrors that are not conjugated",
        ),
        (
            "phases-of-rows",
            "return self.phases[:, None] *",
            "return 1 *",
            "images of states without the phases of the orbitals",
        ),
        (
            "operations-assumed",
            "if np.abs(there - phases[:, None] * here * phases.conj()).max() > tolerance:",
            "if False:",
            "operations used that the model does not have",
        ),
    ),
    *within(
        "bands/symmetry.py",
        (
            "inversion-conjugates",
            "op.conjugates != (sign < 0)",
            "op.conjugates",
            "𝒞(−G) = 𝒞(G) without the conjugate",
        ),
        (
            "rotation-of-average",
            "turned = np.tensordot(matrix, components, axes=1)",
            "turned = np.tensordot(matrix.T, components, axes=1)",
            "velocities rotated back in place of forth",
        ),
        (
            "star-mean-conjugate",
            "(mirrored if op.conjugates else values) @ op.cartesian.T",
            "values @ op.cartesian.T",
            "a star average whose mirrors do not conjugate",
        ),
        (
            "symmetry-tolerance",
            "if not residual <= tolerance:",
            "if not residual <= 1e9 * tolerance:",
            "models without the symmetry that they state are taken",
        ),
    ),
    *within(
        "bands/tiling.py",
        (
            "nearest-tile",
            "nearest: Ints = np.argmax(score <= level, axis=1)",
            "nearest: Ints = np.argmax(score, axis=1)",
            "the farthest expansion",
        ),
        (
            "mismatch-of-energies",
            "energy = max(energy, float(np.abs(e - other_e).max()))",
            "energy = max(energy, float(np.abs(e - e).max()))",
            "an error estimate that compares a thing with itself",
        ),
    ),
    *within(
        "bands/window.py",
        (
            "guard-exchanged",
            "window = max(one[0] for one in windows), min(one[1] for one in windows)",
            "window = min(one[0] for one in windows), max(one[1] for one in windows)",
            "the guard on complete bands with min and max exchanged",
        ),
        (
            "window-edges",
            "float(highest[below]) if below >= 0 else -math.inf",
            "float(lowest[below]) if below >= 0 else -math.inf",
            "the window begins at the bottom of the band that is left out",
        ),
        (
            "thermal-reach",
            "TAIL = 1e-4",
            "TAIL = 0.4",
            "thermal averages may leave the window of complete bands",
        ),
    ),
)
