# exercise: sigmoid
import cmath
x, w, b, t = 1.5, 1.2, -0.5, 0.1
f = lambda x, w, b: (1/(1+cmath.exp(-(w*x+b))) - t)**2
z = w*x + b
s = (1/(1+cmath.exp(-z))).real
e = s - t
loss = e*e
de = 2*e; ds = de; ds_dz = s - s*s; dz = ds_dz*ds; dw = x*dz; db = dz; dx = w*dz
h = 1e-20
assert abs(f(x+1j*h, w, b).imag/h - dx) < 1e-9
assert abs(f(x, w+1j*h, b).imag/h - dw) < 1e-9
assert abs(f(x, w, b+1j*h).imag/h - db) < 1e-9
