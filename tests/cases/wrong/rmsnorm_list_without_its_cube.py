# exercise: rms-norm
# The power rule for the exponent -1/2 leaves the cube of the root.
# #> dx carried
import math

x = [[0.3, -1.2, 0.8, 1.5, -0.4, 0.9], [1.1, 0.2, -0.7, 0.6, -1.3, 0.4], [-0.5, 0.7, 1.4, -0.2, 0.1, -0.9], [0.8, -0.6, 0.5, 1.2, 0.3, -1.1]]
gamma = [0.7, 1.2, 0.9, 1.4, 0.6, 1.1]
dout = [[0.2, -0.5, 1.1, 0.4, -0.3, 0.6], [-0.8, 0.9, 0.1, -1.2, 0.5, 0.7], [1.3, -0.4, 0.2, 0.8, -0.6, -0.1], [0.5, 0.3, -0.9, 0.4, 1.0, -0.7]]
N, D = len(x), len(x[0])

ms, r, xhat, out = [], [], [], []
for row in x:
    ms.append(sum(v * v for v in row) / D)
    r.append(1 / math.sqrt(ms[-1] + 1e-5))
    xhat.append([v * r[-1] for v in row])
    out.append([g * v for g, v in zip(gamma, xhat[-1])])
loss = sum(dout[i][j] * out[i][j] for i in range(N) for j in range(D))

dgamma = [sum(dout[i][j] * xhat[i][j] for i in range(N)) for j in range(D)]
dxhat = [[dout[i][j] * gamma[j] for j in range(D)] for i in range(N)]
dr = [sum(dxhat[i][j] * x[i][j] for j in range(D)) for i in range(N)]
dms = [-0.5 * dr[i] * r[i] for i in range(N)]  #> dms wrong, first; put r[i]**3
dx = [[dxhat[i][j] * r[i] + 2 * x[i][j] / D * dms[i] for j in range(D)] for i in range(N)]
