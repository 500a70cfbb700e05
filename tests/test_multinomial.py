"""The multinomial logit."""

import numpy as np
import pytest
import statsmodels.api as sm

from data_contracts.errors import WrongUse
from evaluation.consistency.multinomial import multinomial
from evaluation.units.separation import SeparationError
from tests.test_proportional_odds import HOUSING, housing


def test_the_housing_fit_is_that_of_nnet():
    # R: nnet::multinom(Sat ~ Infl + Type + Cont, weights = Freq, data = MASS::housing, reltol = 1e-14)
    y, x = housing()
    fit = multinomial(y, 3, np.column_stack([np.ones(72), x]), weights=np.array(HOUSING))
    medium = [-0.4192287364, 0.4463958933, 0.6649353323, -0.4356887036, 0.1313702893, -0.6665704467, 0.3608518877]
    high = [-0.1387427455, 0.7348632222, 1.6126310695, -0.7356317251, -0.4079780879, -1.4123276801, 0.4818270106]
    assert fit.coefficients[:, 1] == pytest.approx(medium, abs=1e-6)
    assert fit.coefficients[:, 2] == pytest.approx(high, abs=1e-6)
    assert fit.loglik == pytest.approx(-1735.041933, abs=1e-6)
    errors = np.sqrt(np.diag(np.linalg.inv(fit.information)))
    assert errors[:3] == pytest.approx([0.1729345334, 0.1415573108, 0.1863375259], abs=1e-6)
    assert fit.n == 1681


def test_on_random_data_it_is_statsmodels():
    rng = np.random.default_rng(3)
    x = sm.add_constant(rng.normal(size=(300, 2)))
    y = rng.integers(0, 4, 300)
    fit, oracle = multinomial(y, 4, x), sm.MNLogit(y, x).fit(disp=0)
    assert fit.coefficients[:, 1:] == pytest.approx(oracle.params, abs=1e-6)
    assert fit.loglik == pytest.approx(oracle.llf)
    assert fit.chances(x) == pytest.approx(oracle.predict(), abs=1e-6)


def test_separation_is_reported_and_a_ridge_bounds_it():
    y, x = np.array([0, 1, 2, 2, 2, 2]), np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    with pytest.raises(SeparationError):
        multinomial(y, 3, x)
    fit = multinomial(y, 3, x, ridge=0.02)
    assert np.isfinite(fit.coefficients).all()
    assert fit.chances(x)[3, 2] > 0.9


def test_wrong_use_is_told():
    with pytest.raises(WrongUse, match="hangen"):
        multinomial(np.array([0, 1]), 2, np.ones((2, 2)))
    with pytest.raises(WrongUse, match="komt niet voor"):
        multinomial(np.array([0, 1]), 3, np.ones((2, 1)))
