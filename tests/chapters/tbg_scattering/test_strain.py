import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib.chapters.tbg_scattering.data import transfers, zones
from moirelib.chapters.tbg_scattering.figures import draw_transfers, draw_zones


@pytest.mark.parametrize(("compute", "draw"), [(zones, draw_zones), (transfers, draw_transfers)])
def test_every_figure_draws(compute, draw):
    figure = draw(compute())
    figure.canvas.draw()
    plt.close(figure)


def test_zones_without_strain_are_regular_hexagons_with_a_dirac_point_on_each_corner():
    data = zones()
    for corners in (data.graphene, data.moire):
        assert corners.shape == (6, 2)
        sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=-1)
        np.testing.assert_allclose(sides, sides[0])
    distance = np.linalg.norm(data.graphene[:, None] - data.dirac_points, axis=-1)
    np.testing.assert_allclose(distance.min(1), 0, atol=1e-12)


def test_dirac_points_leave_the_corners_of_the_strained_zone():
    data = zones()
    distance = np.linalg.norm(data.graphene_strained[:, None] - data.dirac_points_strained, axis=-1)
    assert distance.min() > 0.1


def test_transfers_end_at_one_point():
    data = transfers()
    np.testing.assert_allclose(data.start + data.transfers, np.tile(data.end, (3, 1)))
