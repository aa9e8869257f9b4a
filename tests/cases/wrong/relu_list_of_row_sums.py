# exercise: relu-mlp
# A bias collects its column; this adds up rows.
X = [[1.2, -0.7, 0.4], [-0.8, 1.1, 0.6], [0.5, 0.9, -1.3], [-1.1, -0.4, 0.7]]
W1 = [[0.9, -0.6, 0.4, 1.1, -0.5], [0.7, 1.2, -0.8, 0.3, 0.6], [-0.4, 0.5, 1.3, -0.9, 0.8]]
b1 = [0.1, -0.2, 0.3, 0.2, -0.1]
W2 = [[0.8, -0.5], [-1.1, 0.7], [0.6, 0.9], [1.3, -0.4], [-0.7, 1.2]]
b2 = [0.3, -0.4]
Y = [[4.2, -0.5], [-3.6, 1.4], [3.9, -1.2], [0.9, 1.5]]


def matmul(A, B):
    return [[sum(a * b for a, b in zip(row, col)) for col in zip(*B)] for row in A]


def transpose(A):
    return [list(col) for col in zip(*A)]


def add_bias(A, b):
    return [[a + c for a, c in zip(row, b)] for row in A]


n = len(X)
Z1 = add_bias(matmul(X, W1), b1)
H = [[max(z, 0.0) for z in row] for row in Z1]
O = add_bias(matmul(H, W2), b2)
E = [[o - y for o, y in zip(ro, ry)] for ro, ry in zip(O, Y)]
loss = sum(e * e for row in E for e in row) / n

dE = [[2 * e / n for e in row] for row in E]
dO = [row[:] for row in dE]
dW2 = matmul(transpose(H), dO)
db2 = [sum(row) for row in dO]  #> db2 wrong, first; put zip(*dO)
dH = matmul(dO, transpose(W2))
mask = [[1.0 if z > 0 else 0.0 for z in row] for row in Z1]
dZ1 = [[d * m for d, m in zip(rd, rm)] for rd, rm in zip(dH, mask)]
dW1 = matmul(transpose(X), dZ1)
db1 = [sum(col) for col in zip(*dZ1)]
