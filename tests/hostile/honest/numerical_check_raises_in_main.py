from math import tanh
def main():
    global dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h
    h0 = 0.5
    w_h = 2.0
    w_y = 40.0
    h1_raw = w_h * h0
    h1 = tanh(h1_raw)
    h2_raw = w_h * h1
    h2 = tanh(h2_raw)
    y2 = w_y * h2
    def f(v):
        return v * h2
    dy2 = 1.0
    dw_y = h2 * dy2
    e = 1e-5
    if abs((f(w_y + e) - f(w_y - e)) / (2 * e) - dw_y) > 1e-3:
        raise ValueError("dw_y is wrong")
    dh2 = w_y * dy2
    g = lambda v: w_y * v
    assert abs((g(h2 + e) - g(h2 - e)) / (2 * e) - dh2) < 1e-7
    dh2_raw = (1 - h2**2) * dh2
    dh1 = w_h * dh2_raw
    dh1_raw = (1 - h1**2) * dh1
    dw_h = h1 * dh2_raw + h0 * dh1_raw
main()
