# exercise: rms-norm
import numpy as np
from dataclasses import dataclass
rng = np.random.default_rng(3)
x = rng.normal(size=(4, 6)); gamma = rng.uniform(.5, 1.5, 6); dout = rng.normal(size=(4, 6))
@dataclass
class Row:
    x: np.ndarray
    dout: np.ndarray
    def __post_init__(self):
        self.ms = self.x @ self.x / self.x.size
        self.r = 1 / np.sqrt(self.ms + 1e-5)
        self.xhat = self.x * self.r
        self.out = gamma * self.xhat
    def back(self):
        self.dgamma = self.dout * self.xhat
        self.dxhat = self.dout * gamma
        self.dr = self.dxhat @ self.x
        self.dms = -self.dr * self.r**3 / 2
        self.dx = self.dxhat * self.r + self.dms * 2 * self.x / self.x.size
        return self
rows = [Row(a, d).back() for a, d in zip(x, dout)]
loss = sum(r.out @ r.dout for r in rows)
dgamma = sum(r.dgamma for r in rows)
dxhat, dr, dms, dx = (np.array([getattr(r, k) for r in rows]) for k in ("dxhat", "dr", "dms", "dx"))
dr, dms = dr[:, None], dms[:, None]
