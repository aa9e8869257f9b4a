# exercise: sigmoid
from math import exp
x, w, b, t = 1.5, 1.2, -0.5, 0.1
z = w*x + b
σ = 1/(1+exp(-z))
ε = σ - t
ℒ = ε**2
dℒ_dε = 2*ε
dℒ_dσ = dℒ_dε
dσ_dz = σ*(1-σ)
dℒ_dz = dℒ_dσ*dσ_dz
dℒ_dw, dℒ_db, dℒ_dx = dℒ_dz*x, dℒ_dz, dℒ_dz*w
