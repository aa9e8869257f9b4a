# exercise: appended
u = [0.4, -0.8, 1.1]
m = [2.0, 0.5, 1.5]
h = [0.3, 0.9, -0.4]
dh = []
for i in range(3):
    dh.append(u[i] * u[i])  #> dh wrong, first
# #> z missing
# #> L missing
