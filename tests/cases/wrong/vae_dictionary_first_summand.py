# exercise: vae-loss
from typing import TypedDict
from collections import ChainMap, defaultdict
import numpy as np
class Params(TypedDict):
    Wmu: np.ndarray
    Wlogvar: np.ndarray
    Wdec: np.ndarray
    b: np.ndarray
rs = np.random.RandomState(3)
params: Params = {"Wmu": rs.randn(4, 2), "Wlogvar": rs.randn(4, 2) * .3, "Wdec": rs.randn(2, 4), "b": rs.randn(4)}
data = {"x": rs.randn(5, 4), "eps": rs.randn(5, 2)}
env = ChainMap({}, params, data)
env["mu"] = env["x"] @ env["Wmu"]
env["logvar"] = env["x"] @ env["Wlogvar"]
env["sigma"] = np.exp(.5 * env["logvar"])
env["z"] = env["mu"] + env["sigma"] * env["eps"]
env["xhat"] = env["z"] @ env["Wdec"] + env["b"]
n = len(env["x"])
env["recon"] = .5 / n * np.square(env["xhat"] - env["x"]).sum()
env["kl"] = .5 / n * np.sum(env["mu"] ** 2 + env["sigma"] ** 2 - 1 - env["logvar"])
env["loss"] = env["recon"] + env["kl"]
grad = defaultdict(float)
grad["xhat"] += (env["xhat"] - env["x"]) / n
grad["Wdec"] += env["z"].T @ grad["xhat"]
grad["b"] += grad["xhat"].sum(0)
grad["z"] += grad["xhat"] @ env["Wdec"].T
grad["sigma"] += grad["z"] * env["eps"]
grad["mu"] += grad["z"]
grad["mu"] += env["mu"] / n
grad["logvar"] += grad["sigma"] * env["sigma"]  #> dlogvar wrong, first
grad["logvar"] += .5 * (env["sigma"] ** 2 - 1) / n
grad["Wmu"] += env["x"].T @ grad["mu"]
grad["Wlogvar"] += env["x"].T @ grad["logvar"]  #> dWlogvar carried
