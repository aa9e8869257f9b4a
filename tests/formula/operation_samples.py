"""A use of every operation as it is written with torch: each is torch's own code, and a formula of the language."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F


def _drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=_GENERATOR)


_GENERATOR = torch.Generator().manual_seed(3)

VALUES: dict[str, Any] = {
    "s": torch.tensor(0.4, dtype=torch.float64),
    "v": torch.tensor([0.7, -1.3, 2.1], dtype=torch.float64),
    "u": torch.tensor([0.6, 0.2, 0.9], dtype=torch.float64),
    "k": torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64),
    "r": torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64),
    "x": _drawn(4, 3),
    "y": _drawn(4, 3),
    "p": torch.rand(4, 3, dtype=torch.float64, generator=_GENERATOR) * 0.8 + 0.1,
    "q": torch.rand(4, 3, dtype=torch.float64, generator=_GENERATOR) * 0.8 + 0.1,
    "w": _drawn(5, 3),
    "b": _drawn(5),
    "A": _drawn(3, 3) + 3 * torch.eye(3, dtype=torch.float64),
    "B": _drawn(3, 2),
    "Q": torch.tensor([[2.0, 0.5, 0.1], [0.5, 1.5, -0.3], [0.1, -0.3, 1.2]], dtype=torch.float64),
    "W": _drawn(2, 3, 4),
    "D": _drawn(2, 3, 3) + 4 * torch.eye(3, dtype=torch.float64),
    "S": torch.tensor(
        [[[2.0, 0.5, 0.1], [0.5, 1.5, -0.3], [0.1, -0.3, 1.2]], [[1.7, -0.2, 0.3], [-0.2, 2.4, 0.4], [0.3, 0.4, 3.1]]],
        dtype=torch.float64,
    ),
    "R": _drawn(2, 3, 2),
    "m": _drawn(2, 4, 5, 6),
    "f": _drawn(3, 4, 2, 3),
    "g": _drawn(4),
    "z": _drawn(4, 3, 2, 2),
    "t": _drawn(2, 4, 7),
    "l": _drawn(3, 4, 2),
    "c": torch.tensor([2, 0, 1, 2]),
    "i": torch.tensor([[0, 2], [1, 1], [2, 0], [0, 1]]),
    "j": torch.tensor([2, 0]),
    "h": torch.tensor([[0, 2, -1], [1, -1, 0], [2, 1, 0], [0, -1, -1]]),
    "n": 3,
}

NAMES = {"torch": torch, "F": F, "math": math}

ELEMENTWISE = [
    "torch.erfc(v)", "torch.erfinv(u)", "torch.lgamma(u)", "torch.digamma(u)", "torch.polygamma(1, u)",
    "torch.exp2(v)", "torch.log2(u)", "torch.log10(u)", "torch.asin(u)", "torch.acos(u)", "torch.acosh(u + 2)",
    "torch.atanh(u)", "torch.sinc(v)", "torch.i0(v)", "torch.special.ndtr(v)", "torch.special.entr(u)",
    "torch.deg2rad(v)", "torch.rad2deg(v)", "torch.floor(v)", "torch.ceil(v)", "torch.round(v)", "torch.trunc(v)",
    "torch.frac(v)", "torch.logit(u)", "torch.logit(u, eps=0.3)", "torch.logical_not(k) * v", "torch.nan_to_num(v)",
    "torch.isfinite(v) * v", "torch.isinf(v) * v", "torch.positive(v)",
    "F.relu6(6 * v)", "F.selu(v)", "F.mish(v)", "F.hardsigmoid(2 * v)", "F.hardswish(2 * v)", "F.softsign(v)",
    "F.tanhshrink(v)", "F.gelu(v)", "F.gelu(v, approximate='tanh')", "F.softplus(v)", "F.softplus(v, beta=2)",
    "F.silu(v)", "F.elu(v)", "F.elu(v, alpha=1.5)", "F.celu(v, alpha=1.5)", "F.hardtanh(v)",
    "F.hardtanh(v, min_val=-2.0, max_val=0.5)", "F.hardshrink(v, lambd=0.8)", "F.softshrink(v, lambd=0.8)",
    "F.threshold(v, 0.5, 20.0)", "F.prelu(x, u)", "F.leaky_relu(v)", "F.leaky_relu(v, negative_slope=0.2)",
    "F.glu(m, dim=1)", "F.softmin(x, dim=1)", "F.normalize(x)", "F.normalize(x, p=1, dim=0)", "F.logsigmoid(v)",
    "torch.lerp(v, u, 0.3)", "torch.atan2(v, u)", "torch.logaddexp(v, u)", "torch.logaddexp2(v, u)",
    "torch.hypot(v, u)",
    "torch.copysign(u, v)", "torch.xlogy(v, u)", "torch.fmod(v, u)", "torch.lerp(v, u, s)",
    "torch.heaviside(v, u)", "torch.clamp(v, min=-1.0, max=1.0)", "torch.clamp(v, min=0.1)",
    "torch.logical_xor(k, r) * v", "torch.addcmul(v, u, k, value=2)", "torch.addcdiv(v, k, u, value=0.5)",
    "abs(torch.complex(v, u))", "torch.complex(v, u).real", "torch.imag(torch.complex(v, u) * torch.complex(u, v))",
    "torch.angle(torch.complex(v, u))", "torch.real(torch.conj(torch.complex(v, u)) * torch.complex(u, u))",
    "torch.real(torch.polar(u, v))", "torch.abs(torch.fft.fft(v))**2",
    "torch.real(torch.fft.ifft(v) * torch.fft.fft(u))",
    "torch.abs(torch.fft.rfft(x, dim=1))", "torch.fft.irfft(torch.fft.rfft(g, n=4), n=4)",
    "torch.abs(torch.exp(torch.complex(v, u)))**2",
]  # fmt: skip

LOSSES = [
    "F.binary_cross_entropy(p, q)", "F.binary_cross_entropy(p, q, weight=u, reduction='sum')",
    "F.binary_cross_entropy_with_logits(x, q)", "F.binary_cross_entropy_with_logits(x, q, pos_weight=u)",
    "F.binary_cross_entropy_with_logits(x, q, reduction='none')",
    "F.nll_loss(F.log_softmax(x, dim=1), c)", "F.nll_loss(x, c, weight=u)", "F.nll_loss(x, c, reduction='none')",
    "F.cross_entropy(x, c, reduction='sum')", "F.cross_entropy(x, c, reduction='none')", "F.cross_entropy(x, q)",
    "F.mse_loss(x, y, reduction='none')", "F.cross_entropy(x, c)",
    "F.cross_entropy(x, c, label_smoothing=0.1)", "F.cross_entropy(x, c, weight=u)",
    "F.kl_div(torch.log(p), q)", "F.kl_div(torch.log(p), q, reduction='batchmean')",
    "F.kl_div(x, y, reduction='sum', log_target=True)",
    "F.mse_loss(x, y)", "F.mse_loss(x, y, reduction='sum')", "F.l1_loss(x, y)", "F.l1_loss(x, y, reduction='none')",
    "F.smooth_l1_loss(x, y)", "F.smooth_l1_loss(x, y, beta=0.5)", "F.huber_loss(x, y)",
    "F.huber_loss(x, y, reduction='sum', delta=0.7)", "F.soft_margin_loss(v, r)", "F.hinge_embedding_loss(v, r)",
    "F.hinge_embedding_loss(v, r, margin=2.0)", "F.margin_ranking_loss(v, u, r, margin=0.3)",
    "F.triplet_margin_loss(x, y, p)", "F.triplet_margin_loss(x, y, p, margin=3.0, reduction='sum')",
    "F.cosine_embedding_loss(A, A + Q, r, margin=0.1)", "F.poisson_nll_loss(x, p)",
    "F.poisson_nll_loss(p, q, log_input=False)", "F.gaussian_nll_loss(x, y, p)",
    "F.gaussian_nll_loss(x, y, p, full=True, reduction='sum')", "F.multi_margin_loss(x, c)",
    "F.multilabel_margin_loss(x, h)",
    "F.multilabel_soft_margin_loss(x, q)", "F.cosine_similarity(x, y)", "F.cosine_similarity(x, y, dim=0)",
    "F.pairwise_distance(x, y)", "F.pairwise_distance(x, y, p=1, keepdim=True)", "torch.cdist(x, y)", "F.pdist(x)",
]  # fmt: skip

LAYERS = [
    "F.linear(x, w)", "F.linear(x, w, b)", "F.bilinear(x, B[[0, 1, 2, 0]], torch.reshape(m[0, 0], (5, 3, 2)))",
    "F.layer_norm(x, (3,))", "F.layer_norm(x, (3,), weight=u, bias=v)", "F.layer_norm(x, (3,), bias=v)",
    "F.layer_norm(m, (5, 6), eps=0.01)", "F.rms_norm(x, (3,))", "F.rms_norm(x, (3,), weight=u, eps=0.01)",
    "F.batch_norm(x, None, None, training=True)", "F.batch_norm(x, None, None, weight=u, bias=v, training=True)",
    "F.batch_norm(z, None, None, weight=u, bias=v, training=True, eps=0.01)", "F.batch_norm(x, v, u)",
    "F.instance_norm(z)", "F.instance_norm(z, weight=u, bias=v)", "F.group_norm(m, 2)",
    "F.group_norm(m, 2, weight=g, bias=g)", "F.local_response_norm(m, 2)", "F.embedding(c, x)",
    "F.scaled_dot_product_attention(x, y, p)", "F.scaled_dot_product_attention(x, y, p, is_causal=True)",
    "F.scaled_dot_product_attention(x, y, p, scale=0.3)",
    "F.scaled_dot_product_attention(x, y, p, attn_mask=x @ y.T)",
    "F.conv1d(t, l[:, :, :2])", "F.conv1d(t, l, v, stride=2, padding=1)", "F.conv1d(t, l, dilation=2)",
    "F.conv2d(m, f)", "F.conv2d(m, f, v, stride=2, padding=1)", "F.conv2d(m, f, padding=(1, 2), dilation=(2, 1))",
    "F.conv2d(m, f[:2, :2], groups=2)", "F.conv_transpose1d(t, torch.transpose(l, 0, 1))",
    "F.conv_transpose2d(m, torch.transpose(f, 0, 1), stride=2)", "F.conv3d(m[None], f[:, :2, None])",
    "F.max_pool1d(t, 2)", "F.max_pool1d(t, 3, stride=1, padding=1)", "F.max_pool2d(m, 2)",
    "F.max_pool2d(m, 3, stride=2, padding=1)", "F.max_pool2d(m, (2, 3), stride=(1, 2))",
    "F.max_pool1d(t, 3, stride=2)", "F.max_pool3d(m, 2)", "F.avg_pool1d(t, 2)",
    "F.avg_pool2d(m, (2, 3))", "F.avg_pool2d(m, 3, stride=2, padding=1)", "F.avg_pool3d(m, 2)",
    "F.adaptive_avg_pool1d(t, 1)", "F.adaptive_avg_pool2d(m, 1)", "F.adaptive_max_pool2d(m, (1, 2))",
    "F.lp_pool1d(t, 2, 3)", "F.pad(x, (1, 2))", "F.pad(x, (1, 2, 0, 1), value=0.5)", "F.unfold(m, (2, 3))",
    "F.fold(F.unfold(m, (2, 3)), (5, 6), (2, 3))", "t.unfold(2, 3, 2)",
    "t.unfold(dimension=2, size=3, step=2)", "F.interpolate(m, scale_factor=2)",
    "F.pixel_shuffle(m, 2)", "F.pixel_unshuffle(m[:, :, :4], 2)",
]  # fmt: skip

ARRAYS = [
    "torch.argmin(x, dim=1) * 1.0", "torch.median(x)", "torch.median(x, dim=0).values", "torch.any(k) * v",
    "torch.all(x > 0, dim=0) * v", "torch.count_nonzero(k) * v", "torch.cumsum(x, dim=1)", "torch.cumprod(x, dim=0)",
    "torch.logcumsumexp(x, dim=1)", "torch.diff(x, dim=0)", "torch.diff(v, n=2)", "torch.quantile(x, 0.3)",
    "torch.quantile(x, 0.5, dim=0)", "torch.sort(x, dim=0).values", "torch.sort(v, descending=True).values",
    "torch.argsort(x, dim=1) * 1.0", "torch.sort(x, dim=0).indices * 1.0", "torch.topk(x, 2).values",
    "torch.topk(x, 2, dim=0, largest=False).values", "torch.topk(x, 2).indices * 1.0",
    "torch.max(x, dim=1).values", "torch.min(x, dim=1).values", "torch.logsumexp(x, dim=1)",
    "torch.std(x, dim=0)", "torch.norm(x)", "torch.norm(x, 3, dim=1)",
    "torch.hstack([x, y])", "torch.vstack([v, u])", "torch.dstack([x, y])", "torch.column_stack([v, u])",
    "torch.block_diag(A, B)", "torch.stack([x, y], dim=1)", "torch.cat([x, y], dim=1)",
    "torch.split(x, 2)[1]", "torch.split(x, [1, 2], dim=1)[1]", "torch.chunk(x, 2)[0]", "torch.unbind(x)[2]",
    "x.repeat(2, 3)", "torch.tile(v, (2, 2))", "torch.repeat_interleave(x, 2, dim=1)", "torch.roll(x, 1, dims=0)",
    "torch.roll(x, shifts=(1, 2), dims=(0, 1))", "torch.flip(x, (0, 1))", "torch.fliplr(x)", "torch.flipud(x)",
    "torch.rot90(x)", "torch.movedim(m, 1, -1)", "torch.narrow(x, 0, 1, 2)", "torch.select(x, 1, 0)",
    "torch.diagonal(A)", "torch.diagonal(m, dim1=2, dim2=3)", "torch.diag(A)", "torch.diag(v)",
    "torch.diag_embed(x)", "torch.trace(A)",
    "torch.triu(A)", "torch.gather(x, 1, i)", "torch.take_along_dim(x, i, dim=1)", "torch.index_select(x, 0, c)",
    "torch.scatter(x, 1, i, y[:, :2])", "torch.scatter_add(x, 1, i, y[:, :2])",
    "torch.index_add(x, 1, j, B[[0, 1, 2, 0]])",
    "torch.masked_fill(x, x > 0, -1.0)", "torch.masked_select(x, x > 0)", "x[x > 0]", "v[k != 0]",
    "m[m > 0]", "x[x[:, 0] > 0, :]",
    "torch.masked_select(v, k == 1)", "v[(v > 0) & (u > 0.5)]",
    "v[(v < 0) | (u > 0.8)]", "v[~(v > 0)]", "torch.where((v > 0) & (u > 0.5), v, u)",
    "torch.full_like(x, 2.0) * x", "torch.linspace(0, 1, 3) * v", "torch.tensordot(x, w.T, dims=1)",
    "torch.permute(m, (0, 2, 3, 1))", "torch.einsum('ij,kj->ik', x, w)", "F.one_hot(c, 3) * x",
    "torch.vander(v)", "x[::2]", "x[1::2]", "x[:, ::2]", "x[:, [0, 2]]", "v[[2, 0]]", "x[x[:, 0] > 0]", "v[::2]",
    "torch.einsum('i,i', v, u)", "torch.einsum('ij->j', x)", "torch.einsum('ij,k', x, v)", "torch.ger(v, u)",
    "torch.tensordot(x, y, dims=([0, 1], [0, 1]))", "torch.tensordot(x, A, dims=([1], [0]))", "v.clamp_min(0.2)",
    "v.expand_as(x) * x", "v.expand(4, -1) * x", "v[None].expand(4, -1) * x",
    "x.numel() * v", "x.size(1) * v", "x.max(dim=1)[0]", "(x > 0).to(x.dtype) * x",
]  # fmt: skip

LINEAR_ALGEBRA = [
    "torch.linalg.det(A)", "torch.det(A)", "torch.linalg.slogdet(A)[1]", "torch.linalg.slogdet(A).logabsdet",
    "torch.logdet(Q)", "torch.reshape(x, y.T.shape)", "torch.linalg.inv(A)", "torch.inverse(A)", "torch.linalg.pinv(x)",
    "torch.linalg.solve(A, B)", "torch.linalg.solve(A, v)",
    "torch.linalg.solve_triangular(torch.tril(A), B, upper=False)",
    "torch.linalg.cholesky(Q)", "torch.cholesky_solve(B, torch.linalg.cholesky(Q))", "torch.linalg.eigvalsh(Q)",
    "torch.linalg.eigh(Q).eigenvalues", "torch.linalg.svdvals(x)",
    "torch.linalg.qr(A).R", "torch.linalg.matrix_power(A, 3)", "torch.linalg.matrix_exp(Q)",
    "torch.linalg.matrix_rank(A) * v", "torch.kron(A, B)", "torch.linalg.cross(x, y)", "torch.cov(x)",
    "torch.cov(x, correction=0)", "torch.corrcoef(x)", "torch.linalg.norm(x)", "torch.linalg.norm(x, 2)",
    "torch.linalg.norm(x, 'nuc')", "torch.linalg.vector_norm(x, 3)", "torch.linalg.matrix_norm(x)",
    "torch.linalg.lstsq(A, B).solution", "torch.linalg.vecdot(x, y)",
    "torch.linalg.tensorinv(torch.reshape(m[0, :, 0, :4], (4, 2, 2)), ind=1)",
    "torch.linalg.tensorsolve(torch.reshape(m[0, :, 0, :4], (4, 2, 2)), g)", "F.channel_shuffle(m, 2)",
    "torch.linalg.cond(A)", "torch.linalg.multi_dot([x, A, B])", "torch.vdot(v, u)",
    "torch.linalg.lstsq(A, B)[0]", "torch.linalg.vander(v)", "torch.linalg.vander(v, N=4)",
    "torch.linalg.norm(v)", "torch.linalg.norm(v, 1)", "torch.linalg.norm(v, 3)", "torch.linalg.norm(v, torch.inf)",
    "torch.linalg.norm(x, None, 1, True)", "torch.linalg.norm(x, ord=float('inf'), dim=1)",
    "torch.linalg.norm(x, -float('inf'), dim=0, keepdim=True)", "torch.linalg.norm(x, 2, dim=(0, 1))",
    "torch.linalg.norm(m, 'nuc', (2, 3))", "torch.linalg.norm(m, dim=(2, 3))", "torch.linalg.norm(x, 1)",
    "torch.linalg.matrix_norm(m)", "torch.linalg.matrix_norm(m, 2, (1, 2))", "torch.linalg.vector_norm(x, ord=0)",
    "torch.linalg.vector_norm(x, float('inf'))", "torch.norm(x, 'fro')", "torch.norm(x, 'fro', dim=1)",
    "torch.norm(x, p='nuc')", "x.norm(2, 1, True)", "torch.cdist(x, y, p=float('inf'))", "torch.cdist(x, w, p=1.0)",
    "torch.dist(x, y)", "torch.dist(x, y, p=1)", "torch.pinverse(x)", "torch.linalg.pinv(x.T)",
    "torch.linalg.solve(A, x, left=False)", "torch.linalg.solve(A, B, left=True)",
    "torch.linalg.cholesky(Q, upper=True)", "torch.cholesky_inverse(torch.linalg.cholesky(Q))",
    "torch.slogdet(A)[0] * torch.slogdet(A)[1]",
    "torch.matrix_exp(torch.stack([A / 3, Q]))", "torch.addmm(x, x, A, beta=0.5)",
    "torch.addmv(v, A, u, alpha=2)", "torch.addr(A, v, u)",
]  # fmt: skip

BATCHES = [
    "torch.linalg.det(D)", "torch.logdet(D)", "torch.linalg.slogdet(D)[1]", "torch.linalg.inv(D)",
    "torch.linalg.solve(D, R)", "torch.linalg.solve(A, R)", "torch.linalg.cholesky(S)", "torch.linalg.eigvalsh(S)",
    "torch.linalg.svdvals(D)", "torch.linalg.matrix_power(D, 3)", "D @ R", "D @ B", "A @ R", "D @ v",
    "torch.matmul(D.unsqueeze(1), R)", "torch.sum(torch.logdet(D))",
]  # fmt: skip
"""Operations on each matrix of a batch, some with one matrix for all of them."""

GROUPS = {
    "elementwise": ELEMENTWISE,
    "losses": LOSSES,
    "layers": LAYERS,
    "arrays": ARRAYS,
    "linear algebra": LINEAR_ALGEBRA,
    "batches of matrices": BATCHES,
}

SAMPLES = [source for group in GROUPS.values() for source in group]
