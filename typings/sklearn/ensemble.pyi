import numpy as np
from numpy.typing import NDArray

class HistGradientBoostingClassifier:
    def __init__(
        self,
        *,
        max_iter: int,
        learning_rate: float,
        max_leaf_nodes: int,
        min_samples_leaf: int,
        l2_regularization: float,
        monotonic_cst: NDArray[np.int64],
        early_stopping: bool,
        random_state: int,
    ) -> None: ...
    def fit(
        self, X: NDArray[np.float32], y: NDArray[np.bool_]
    ) -> HistGradientBoostingClassifier: ...
    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.float64]: ...
