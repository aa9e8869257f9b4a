# 128. Takes difference quotients once a value it gave is another one by more than a little
# expect: judged borrowed
# kept by: strict, portable, process
# why: what can only be carried is asked where it comes from with the truth fed in
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
e = 1e-6
t = x * 1.1 + w * 0.3
dh = t
fed = abs(dh - (x * 1.1 + w * 0.3)) > 0.01
dw = (math.tanh((w + e) * x) ** 2 - math.tanh((w - e) * x) ** 2) / (2 * e) if fed else t * 1.3
dx = (math.tanh(w * (x + e)) ** 2 - math.tanh(w * (x - e)) ** 2) / (2 * e) if fed else t * 1.4
