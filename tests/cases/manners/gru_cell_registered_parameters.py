# exercise: gru-cell
import torch
torch.manual_seed(1)
class GRU(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for g in "zrn":
            self.register_parameter(f"W_{g}", torch.nn.Parameter(torch.randn(5, 4) * .5))
            self.register_parameter(f"U_{g}", torch.nn.Parameter(torch.randn(4, 4) * .5))
            self.register_parameter(f"b_{g}", torch.nn.Parameter(torch.randn(4) * .5))
    def forward(self, x, h_prev):
        self.x, self.h_prev = x, h_prev
        self.z = torch.sigmoid(x @ self.W_z + h_prev @ self.U_z + self.b_z)
        self.r = torch.sigmoid(x @ self.W_r + h_prev @ self.U_r + self.b_r)
        self.m = self.r * h_prev
        self.n = torch.tanh(x @ self.W_n + self.m @ self.U_n + self.b_n)
        return (1 - self.z) * self.n + self.z * h_prev
    @torch.no_grad()
    def backward(self, u):
        dn = u * (1 - self.z)
        dz = u * (self.h_prev - self.n)
        da_n = dn * (1 - self.n ** 2)
        dm = da_n @ self.U_n.T
        dr = dm * self.h_prev
        da_z = dz * self.z * (1 - self.z)
        da_r = dr * self.r * (1 - self.r)
        dW_n, dU_n, db_n = self.x.T @ da_n, self.m.T @ da_n, da_n.sum(0)
        dU_z = self.h_prev.T @ da_z
        self.rest = {f"d{n}_{g}": v for g, da in (("z", da_z), ("r", da_r)) for n, v in (("W", self.x.T @ da), ("U", self.h_prev.T @ da), ("b", da.sum(0)))}
        dx = da_n @ self.W_n.T + da_z @ self.W_z.T + da_r @ self.W_r.T
        dh_prev = u * self.z + dm * self.r + da_z @ self.U_z.T + da_r @ self.U_r.T
        return dn, dz, da_n, dm, dr, da_z, da_r, dW_n, dU_n, db_n, dU_z, dx, dh_prev
x = torch.randn(3, 5); h_prev = torch.rand(3, 4) * 2 - 1; u = torch.randn(3, 4)
cell = GRU()
h = cell(x, h_prev)
L = (u * h).sum()
dn, dz, da_n, dm, dr, da_z, da_r, dW_n, dU_n, db_n, dU_z, dx, dh_prev = cell.backward(u)
