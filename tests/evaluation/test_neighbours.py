import numpy as np

from transflower.evaluation.neighbours import NEIGHBOURS, neighbourhood


def by_hand(real, samples):
    """Every pair by itself."""
    radii = [sorted(np.linalg.norm(one - other) for other in real)[NEIGHBOURS] for one in real]
    balls = list(zip(real, radii, strict=True))
    return [[np.linalg.norm(sample - one) <= radius for one, radius in balls] for sample in samples]


def test_it_is_that_of_the_definition():
    random = np.random.default_rng(0)
    real, samples = random.normal(size=(20, 3)), random.normal(0.5, 1.5, (15, 3))
    found = neighbourhood(real, samples)
    covers = np.array(by_hand(real, samples))
    assert (found.covers == covers).all()
    assert (found.recalls == np.array(by_hand(samples, real)).T).all()
    assert (found.real_balls == covers.sum(axis=1)).all()


def test_points_on_a_line():
    real = np.arange(11.0)[:, None]
    found = neighbourhood(real, np.array([[5.0], [5.1], [20.0], [5.0], [5.0], [5.0]]))
    # Balls reach 5 at the end of the line, 4 next to it, and 3 further in.
    assert found.covers[0].all()
    assert found.covers[1].tolist() == [False] * 3 + [True] * 8
    assert found.real_balls[2] == 0
