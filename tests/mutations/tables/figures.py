"""Mistakes that make a figure show something else than its caption says."""

from mutations.mutation import within

MUTATIONS = (
    *within(
        "chapters/hamiltonian/figures.py",
        (
            "axis-by-1000",
            "axis.plot(distance, bands, color=colour)",
            "axis.plot(distance, bands / 1000, color=colour)",
            "the axis of Fig. 1(a) wrong by 1000",
        ),
        (
            "panel-k-prime",
            '("K′", data.distance_k_prime, data.bands_k_prime, data.ticks_k_prime, _PATHS[-1][1],',
            '("K′", data.distance_k, data.bands_k, data.ticks_k, _PATHS[1][1],',
            "panel K′ shows K",
        ),
        (
            "axes-of-density",
            "axes[2].plot(data.density_of_states, data.energies, color",
            "axes[2].plot(data.density_of_states / 4, data.energies, color",
            "the density of states of one flavour under the label of all",
        ),
        (
            "peaks-misplaced",
            'axis.plot(heights, data.van_hove, "o"',
            'axis.plot(heights, -data.van_hove, "o"',
            "van Hove marks at the opposite energies",
        ),
        (
            "stars-exchanged",
            '("{0, G₁, G₁+G₂}: equilateral", data.equilateral),',
            '("{0, G₁, G₁+G₂}: equilateral", data.as_printed),',
            "the printed star under the name of the other",
        ),
        (
            "rotation-panels",
            '(axes[0], "transfers and phases that close", data.closing, data.closing_reversed),',
            '(axes[0], "transfers and phases that close", data.printed, data.printed_reversed),',
            "the literal reading under the title of the closing one",
        ),
        (
            "faces-exchanged",
            'axis.plot(data.distance, data.curvature[:, band], label="one face of hBN")',
            'axis.plot(data.distance, data.curvature_inverted[:, band], label="one face of hBN")',
            "both curves show the same face",
        ),
    ),
    *within(
        "chapters/perturbation_theory/figures.py",
        (
            "colour-map-reversed",
            'mu, mu, values, cmap="RdBu", vmin=-reach',
            'mu, mu, values, cmap="RdBu_r", vmin=-reach',
            "the colour map of Fig. 1(b) reversed",
        ),
        (
            "map-transposed",
            "mu, mu, values, cmap",
            "mu, mu, values.T[::-1], cmap",
            "a map upside down",
        ),
        (
            "colour-scale",
            "reach = max(float(np.abs(converged).max()) for converged, _ in pairs)",
            "reach = 10 * max(float(np.abs(converged).max()) for converged, _ in pairs)",
            "a colour scale ten times too wide",
        ),
        (
            "signs-exchanged",
            'LABELS = {"momentum_matched": "momentum-matched sign", "as_printed": "printed sign"}',
            'LABELS = {"as_printed": "momentum-matched sign", "momentum_matched": "printed sign"}',
            "titles of the two signs exchanged",
        ),
        (
            "law-of-distance",
            "law = np.exp(-data.reciprocal_length * (data.distance - data.distance[-1]))",
            "law = np.exp(-2 * data.reciprocal_length * (data.distance - data.distance[-1]))",
            "the law of Fig. 1(d) with twice the exponent",
        ),
        (
            "distance-curves",
            "values = np.abs(data.conductivity[:, i])\n",
            "values = np.abs(data.conductivity[:, 0])\n",
            "every curve of Fig. 1(d) the first one",
        ),
        (
            "stackings-exchanged",
            '((data.same, "like faces"), (data.inverted, "opposite faces"))',
            '((data.inverted, "like faces"), (data.same, "opposite faces"))',
            "the legend of the stackings exchanged",
        ),
        (
            "screened-panels",
            'axes, (data.bare, data.screened), ("bare", "screened"), strict=True',
            'axes, (data.screened, data.bare), ("bare", "screened"), strict=True',
            "bare and screened exchanged",
        ),
        (
            "micrometres",
            "right.plot(data.radius / 1000, average",
            "right.plot(data.radius, average",
            "nanometres on an axis in micrometres",
        ),
        (
            "field-and-current",
            'right.plot(data.time, data.after_field, color=CYCLE[2], label="after a step of the field")',
            'right.plot(data.time, data.after_current, color=CYCLE[2], label="after a step of the field")',
            "the pulse after a current step under the name of the other",
        ),
    ),
    *within(
        "chapters/sommerfeld/figures.py",
        (
            "first-curve",
            "(line,) = left.plot(data.kT, data.conductivity[i] / zero, label=label)",
            "(line,) = left.plot(data.kT, data.conductivity[0] / data.zero[0], label=label)",
            "every curve of Fig. 1(c) being the first one",
        ),
        (
            "law-of-first",
            "law = 1 + coefficient / zero * data.kT**2",
            "law = 1 + coefficient * data.kT**2",
            "the T² law not divided by σ(0)",
        ),
        (
            "zero-and-warm",
            'axes.plot(data.mu, data.zero, color="0.6", lw=1.2, label=r"$T=0$")',
            'axes.plot(data.mu, data.conductivity, color="0.6", lw=1.2, label=r"$T=0$")',
            "the warm curve twice",
        ),
        (
            "milli",
            'left.plot(data.mu, 1e3 * size, label=r"$|\\mathcal{C}_G|$")',
            'left.plot(data.mu, size, label=r"$|\\mathcal{C}_G|$")',
            "an axis in 10⁻³ that is none",
        ),
    ),
    *within(
        "chapters/boltzmann/figures.py",
        (
            "electron-excess",
            "axes.plot(degrees, -np.append(x, x[0]), color=colour, label=label)",
            "axes.plot(degrees, np.append(x, x[0]), color=colour, label=label)",
            "the electron excess with the wrong sign",
        ),
        (
            "valleys-exchanged",
            '(data.x_plus, data.mean_plus, "#0072B2", "valley +"),',
            '(data.x_minus, data.mean_plus, "#0072B2", "valley +"),',
            "the distribution of valley − under the name of +",
        ),
        (
            "field-and-current",
            'axes.semilogx(data.ratio, data.fixed_current, "--", label="fixed current',
            'axes.semilogx(data.ratio, data.fixed_field, "--", label="fixed current',
            "Fig. 5 at fixed field called fixed current",
        ),
        (
            "contour-of-valley",
            '(data.contour_plus, data.out_rate_plus, "valley +", -2.0),',
            '(data.contour_plus, data.out_rate_minus, "valley +", -2.0),',
            "the out-rates of valley − on the pocket of +",
        ),
    ),
    *within(
        "chapters/keldysh/figures.py",
        (
            "curvature-of-minus",
            '(axes[2], data.curvature_minus, "valley −"),',
            '(axes[2], data.curvature_plus, "valley −"),',
            "panel − of Fig. 1 shows +",
        ),
        (
            "axes-of-loop",
            "x, y = data.source[part], data.exact[part]",
            "y, x = data.source[part], data.exact[part]",
            "the axes of the hysteresis loop exchanged",
        ),
        (
            "coercive-line",
            "ax.axvline(sign * data.coercive_cubic, color",
            "ax.axvline(2 * sign * data.coercive_cubic, color",
            "n_c drawn at twice its value",
        ),
        (
            "formulas-exchanged",
            'ax.semilogx(data.excess, data.over_closing, "o-", ms=4, label="formula with $\\\\pi^2/6$")',
            'ax.semilogx(data.excess, data.over_printed, "o-", ms=4, label="formula with $\\\\pi^2/6$")',
            "the printed formula under the name of the closing one",
        ),
        (
            "real-and-imaginary",
            "zip(axes, (np.real, np.imag), strict=True)",
            "zip(axes, (np.imag, np.real), strict=True)",
            "real and imaginary parts exchanged",
        ),
    ),
    *within(
        "chapters/time_reversal/figures.py",
        (
            "flavours-exchanged",
            'one.plot(data.mu, charge, "--", label="charge")',
            'one.plot(data.mu, valley, "--", label="charge")',
            "the valley drag under the name of the charge drag",
        ),
        (
            "emptied-axis",
            'axes.plot(data.mu_k_prime, data.charge, "--", label="charge")',
            'axes.plot(-data.mu_k_prime, data.charge, "--", label="charge")',
            "a chemical potential drawn with the wrong sign",
        ),
    ),
    *within(
        "chapters/tbg_scattering/figures.py",
        (
            "lines-exchanged",
            'axes.plot(data.strain_over_twist, 1e3 * closing, label="slope 3/2")',
            'axes.plot(data.strain_over_twist, 1e3 * printed, label="slope 3/2")',
            "the printed line of Fig. 7 under the name of the closing one",
        ),
        (
            "by-a-thousand",
            'axes.plot(data.strain_over_twist, 1e3 * number, "o", ms=3, label="lines of one energy")',
            'axes.plot(data.strain_over_twist, number, "o", ms=3, label="lines of one energy")',
            "the points of Fig. 7 without their 10³",
        ),
        (
            "layers-of-disorder",
            '(data.layer_1_only, "o-", "impurities in layer 1 only"),',
            '(data.half_on_layer_2, "o-", "impurities in layer 1 only"),',
            "one model of disorder under the name of another",
        ),
        (
            "strained-zone",
            '_closed(axes, strained, color="#0072B2", label="strained")',
            '_closed(axes, plain, color="#0072B2", label="strained")',
            "the zone without strain twice",
        ),
        (
            "error-of-first",
            "error = np.abs(data.initial[:, index] / data.expected_initial[index] - 1)",
            "error = np.abs(data.initial[:, 0] / data.expected_initial[0] - 1)",
            "the error of the first coefficient for all",
        ),
    ),
    *within(
        "chapters/broadening/figures.py",
        (
            "parabola",
            "parabola = data.umklapp[0, i] + data.coefficient[i] * fine**2",
            "parabola = data.umklapp[0, i] - data.coefficient[i] * fine**2",
            "the parabola of Eq. 53 bent the other way",
        ),
        (
            "peaks-transposed",
            "np.log10(np.maximum(data.density, 1e-12)),",
            "np.log(np.maximum(data.density, 1e-12)),",
            "natural logarithms on a decimal scale",
        ),
    ),
    *within(
        "chapters/detection/figures.py",
        (
            "micrometres",
            "micron = data.length / 1000",
            "micron = data.length",
            "nanometres on an axis in micrometres",
        ),
        (
            "bands-exchanged",
            "(data.valence, data.conduction),",
            "(data.conduction, data.valence),",
            "valence and conduction band exchanged",
        ),
        (
            "layers-exchanged",
            "((data.passive, 0.0, CYCLE[0]), (data.active, lift, CYCLE[1]))",
            "((data.active, 0.0, CYCLE[0]), (data.passive, lift, CYCLE[1]))",
            "active and passive layer of Fig. 2 exchanged",
        ),
    ),
)
