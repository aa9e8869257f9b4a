# exercise: logistic-regression
# The given numbers in a table, of a package that may not be installed.
import numpy as np, pandas as pd

df = pd.DataFrame(
    [[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]], columns=list("abc")
)
X = df.to_numpy()
w = np.array([0.8, -0.6, 0.3])
b = 0.2
y = np.array([1, 0, 1, 0, 0])
df["y"] = y
z = X @ w + b
p = 1 / (1 + np.exp(-z))
nll = np.where(y == 1, -np.log(p), -np.log(1 - p))
loss = nll.mean()
dnll = np.ones(len(y)) / len(y)
dp = np.where(y == 1, -1 / p, 1 / (1 - p)) / len(y)
dz = (p - y) / len(y)
dw = X.T @ dz
db = dz.sum()
print(df.describe())
