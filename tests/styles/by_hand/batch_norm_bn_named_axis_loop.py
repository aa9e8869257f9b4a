# exercise: batch-norm
import numpy as np
rng = np.random.default_rng(4)

from collections import OrderedDict
x = rng.normal(size=(5, 3)); gamma = rng.uniform(.5, 1.5, 3); beta = rng.normal(size=3); dout = rng.normal(size=(5, 3))
N = 5
fw = OrderedDict()
fw["mean"] = x.mean(0, keepdims=True); fw["diff"] = x-fw["mean"]; fw["diff2"] = fw["diff"]**2
fw["var"] = fw["diff2"].sum(0, keepdims=True)/(N-1); fw["inv"] = (fw["var"]+1e-5)**-.5; fw["raw"] = fw["diff"]*fw["inv"]; fw["out"] = gamma*fw["raw"]+beta
bw = OrderedDict(dgamma=(dout*fw["raw"]).sum(0), dbeta=dout.sum(0), draw=dout*gamma)
bw["dinv"] = (bw["draw"]*fw["diff"]).sum(0, keepdims=True)
bw["dvar"] = -.5*bw["dinv"]*fw["inv"]**3
bw["ddiff2"] = np.repeat(bw["dvar"], N, axis=0)/(N-1)
bw["ddiff"] = bw["draw"]*fw["inv"]
bw["ddiff"] = bw["ddiff"] + 2*fw["diff"]*bw["ddiff2"]
bw["dmean"] = -bw["ddiff"].sum(0, keepdims=True)
bw["dx"] = bw["ddiff"] + bw["dmean"]/N
