"""What each operation is, in one line, by kind: for suggestions, and for what `grader lint --operations` prints."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from grader.formula.operations import OPERATIONS, Operation

_KINDS = """
# Operators
neg: -x
add: a + b
sub: a - b
mul: a * b, entry by entry
div: a / b
floordiv: a // b
mod: a % b, with the sign of b
fmod: the remainder with the sign of a
pow: a ** b
matmul: a @ b, the matrix product
gt: a > b, as 1 and 0
ge: a >= b
lt: a < b
le: a <= b
eq: a == b
ne: a != b
and_: a & b, of conditions
or_: a | b, of conditions
xor_: one of two conditions, not both
not_: ~a, of a condition

# Elementary functions
exp: e ** x
expm1: exp(x) - 1
exp2: 2 ** x
log: the natural logarithm
log1p: log(1 + x)
log2: the logarithm to base 2
log10: the logarithm to base 10
sqrt: the square root
rsqrt: 1 / sqrt(x)
cbrt: the cube root
square: x ** 2
reciprocal: 1 / x
abs: the absolute value, also of complex numbers
sign: -1, 0 or 1
sin: sine
cos: cosine
tan: tangent
asin: inverse of sin
acos: inverse of cos
atan: inverse of tan
atan2: the angle of the point (b, a)
sinh: hyperbolic sine
cosh: hyperbolic cosine
tanh: hyperbolic tangent
asinh: inverse of sinh
acosh: inverse of cosh
atanh: inverse of tanh
sinc: sin(pi x) / (pi x)
hypot: sqrt(a**2 + b**2)
logaddexp: log(exp(a) + exp(b))
logaddexp2: log2(2**a + 2**b)
xlogy: x * log(y), 0 where x is 0
logit: log(x / (1 - x))
lerp: start + weight * (end - start)
heaviside: 0 below 0, 1 above, `values` at 0
copysign: the size of a with the sign of b
deg2rad: degrees to radians
rad2deg: radians to degrees
floor: rounded down
ceil: rounded up
round: rounded to the nearest whole number
trunc: rounded towards 0
frac: x - trunc(x)
maximum: the larger of two, entry by entry
minimum: the smaller of two, entry by entry
clip: x, not below min nor above max
where: where(condition, a, b)
nan_to_num: nan and infinities replaced by numbers
isnan: 1 where x is no number
isinf: 1 where x is infinite
isfinite: 1 where x is a finite number
same: x itself: copies, conversions of type
detach: x, as a constant for derivatives

# Special functions
erf: the error function
erfc: 1 - erf(x)
erfinv: inverse of erf
ndtr: the standard normal distribution function
normal_cdf: the normal distribution function; also `norm.cdf`
normal_pdf: the normal density; also `norm.pdf`
normal_logpdf: the logarithm of the normal density; also `norm.logpdf`
entr: -x * log(x)
lgamma: the logarithm of the gamma function
digamma: the derivative of lgamma
polygamma: polygamma(n, x), the n-th derivative of digamma
i0: the modified Bessel function of order 0

# Complex numbers
complex: complex(re, im)
polar: from absolute value and angle
fft: the discrete Fourier transform; take `real`, `imag` or `abs` of it
ifft: its inverse
rfft: that of real numbers, without the half that mirrors the other
irfft: its inverse
real: the real part
imag: the imaginary part
conj: the complex conjugate
angle: the angle of a complex number

# Activations
sigmoid: 1 / (1 + exp(-x))
logsigmoid: log(sigmoid(x))
relu: max(x, 0)
relu6: x, between 0 and 6
leaky_relu: x above 0, negative_slope * x below
prelu: x above 0, weight * x below
elu: x above 0, alpha * (exp(x) - 1) below
celu: like elu, with exp(x / alpha)
selu: elu with the scale that keeps mean and variance
gelu: x times the normal distribution function; approximate='tanh' for the other form
silu: x * sigmoid(x)
mish: x * tanh(softplus(x))
softplus: log(1 + exp(beta x)) / beta
softsign: x / (1 + abs(x))
tanhshrink: x - tanh(x)
softshrink: x, nearer to 0 by lambd
hardshrink: x, 0 where its size is at most lambd
hardtanh: x, between min_val and max_val
hardsigmoid: x / 6 + 1/2, between 0 and 1
hardswish: x * hardsigmoid(x)
threshold: x above the threshold, value below
glu: the first half times the sigmoid of the second
softmax: exp(x) / sum(exp(x)) along an axis (the last one if none is given)
log_softmax: log(softmax(x))
softmin: softmax(-x)
dropout: x * mask / (1 - p), with a mask that is given

# Reductions
sum: of all entries, or along an axis
mean: of all entries, or along an axis
prod: the product
max: the largest; of two: max(a, b)
min: the smallest; of two: min(a, b)
argmax: where the largest is
argmin: where the smallest is
median: the middle; of an even count the lower of the two (`np.median` is their mean)
quantile: quantile(x, q), between the two nearest entries
var: the variance, divided by n - 1 (`correction=0`, or `np.var`: by n)
std: the square root of the variance, divided by n - 1 (`correction=0`, or `np.std`: by n)
logsumexp: log(sum(exp(x)))
norm: the p-norm of the entries (`linalg.norm(A, 2)` is the spectral norm)
any: 1 if an entry is not 0
all: 1 if no entry is 0
count_nonzero: how many entries are not 0
cumsum: running sums along an axis
cumprod: running products along an axis
logcumsumexp: running logsumexp along an axis
diff: differences of neighbours

# Losses
mse_loss: the mean of (x - target)**2
l1_loss: the mean of abs(x - target)
huber_loss: squared near the target, straight beyond delta
smooth_l1_loss: huber_loss divided by beta
cross_entropy: of logits, with labels or shares of classes
nll_loss: minus the log-probability of the label
binary_cross_entropy: of probabilities
binary_cross_entropy_with_logits: of logits
kl_div: kl_div(log q, p); reduction='batchmean' for the divergence itself
gaussian_nll_loss: of a mean and a variance
poisson_nll_loss: of a rate, or its logarithm
soft_margin_loss: log(1 + exp(-target * x))
hinge_embedding_loss: x for target 1, max(margin - x, 0) for -1
margin_ranking_loss: max(-target * (x1 - x2) + margin, 0)
triplet_margin_loss: max(near - far + margin, 0)
cosine_embedding_loss: 1 - cosine for target 1, max(cosine - margin, 0) for -1
multi_margin_loss: the hinge loss of several classes
multilabel_margin_loss: the hinge loss of several labels
multilabel_soft_margin_loss: the mean binary cross-entropy of several labels
cosine_similarity: the cosine of the angle
pairwise_distance: the distance of the rows of x1 and x2
pdist: the distances of all pairs of rows
cdist: the distances of every row of x1 to every row of x2
dist: the p-norm of the difference

# Layers
linear: x @ weight.T + bias
bilinear: a sum over products of x1 and x2
layer_norm: normalized over the last axes
rms_norm: divided by the root mean square of the last axes
batch_norm: normalized over the batch; training=True for the statistics of the batch
instance_norm: normalized over each channel of each example
group_norm: normalized over groups of channels
local_response_norm: normalized over neighbouring channels
normalize: x divided by its p-norm along an axis
embedding: rows of weight by number
scaled_dot_product_attention: softmax(query @ key.mT / sqrt(d)) @ value
conv1d: a convolution along one axis
convolve: the convolution of two lists of numbers, as in NumPy: `mode` is `full` or `valid`
correlate: the same without turning the second, as in NumPy: `mode` is `valid` or `full`
conv2d: a convolution of images
conv3d: a convolution of volumes
conv_transpose1d: the transpose of conv1d
conv_transpose2d: the transpose of conv2d
conv_transpose3d: the transpose of conv3d
max_pool1d: the largest of each window
max_pool2d: the largest of each window
max_pool3d: the largest of each window
avg_pool1d: the mean of each window
avg_pool2d: the mean of each window
avg_pool3d: the mean of each window
adaptive_avg_pool1d: means, as many as asked for
adaptive_avg_pool2d: means, as many as asked for
adaptive_avg_pool3d: means, as many as asked for
adaptive_max_pool1d: largest entries, as many as asked for
adaptive_max_pool2d: largest entries, as many as asked for
adaptive_max_pool3d: largest entries, as many as asked for
lp_pool1d: the p-norm of each window
lp_pool2d: the p-norm of each window
lp_pool3d: the p-norm of each window
pad: entries added around the last axes: `pad(x, (before, after))`
unfold: the patches of images as columns
fold: the sum of patches: the transpose of unfold
windows: windows along one axis: `x.unfold(axis, size, step)`
interpolate: images of another size
channel_shuffle: channels taken in turn from each group
pixel_shuffle: channels to pixels
pixel_unshuffle: pixels to channels

# Linear algebra
dot: the product of two vectors, or of matrices as in NumPy
inner: the product over the last axes
outer: all products of two vectors
vdot: the product of two vectors
vecdot: the product of two vectors, for each along an axis
tensorinv: the inverse of tensordot with A
tensorsolve: the x with tensordot(A, x) = B
kron: the Kronecker product
cross: the cross product
tensordot: the product over several axes
einsum: einsum('ij,jk->ik', a, b)
multi_dot: the product of several matrices
addmm: beta * x + alpha * (a @ b)
addmv: beta * x + alpha * (A @ v)
addr: beta * x + alpha * outer(u, v)
addcmul: x + value * a * b
addcdiv: x + value * a / b
trace: the sum of the diagonal
det: the determinant
slogdet: sign and logarithm of the determinant: `slogdet(A)[1]`
logdet: the logarithm of the determinant
inv: the inverse
pinv: the pseudoinverse
solve: the x with A @ x = B
solve_triangular: solve, for a triangular A
cholesky_solve: solve, from the Cholesky factor of A
cholesky_inverse: the inverse of A, from its Cholesky factor
lstsq: the x with the least squares of A @ x - B
cholesky: the lower triangular L with L @ L.T = A
qr: `qr(A)[0]` is Q, `qr(A)[1]` is R
svd: `svd(A)[0]` is U, `svd(A)[1]` are the singular values, `svd(A)[2]` is V transposed
svdvals: the singular values
eigh: `eigh(A)[0]` are the eigenvalues, `eigh(A)[1]` the eigenvectors
eigvalsh: the eigenvalues of a symmetric matrix
matrix_power: A @ A @ ..., n times
matrix_exp: the matrix exponential
matrix_norm: a norm of a matrix
linalg_norm: `linalg.norm(A, ord)`, of a matrix or a vector
matrix_rank: the rank
cond: the condition number
cov: the covariance matrix of the rows
corrcoef: the correlations of the rows
vander: powers of a vector as columns

# Shapes
transpose_all: x.T, all axes in reverse
matrix_transpose: x.mT, the last two axes swapped
transpose: two axes swapped
permute: axes in another order
movedim: one axis moved
reshape: another shape
flatten: one axis
squeeze: without axes of size 1
unsqueeze: a new axis
broadcast_to: repeated to a shape
tile: the whole repeated: tile(x, (2, 3))
repeat_interleave: each entry repeated
stack: along a new axis
concat: along an axis that is there
hstack: side by side
vstack: below each other
dstack: behind each other
column_stack: vectors as columns
block_diag: matrices along a diagonal
split: parts of a size: `torch.split(x, 2)[0]`
chunk: into n parts: `chunk(x, n)[0]`
unbind: the entries along an axis: `unbind(x)[0]`
roll: shifted around
flip: from back to front
fliplr: columns from back to front
flipud: rows from back to front
rot90: turned by 90 degrees
shape_of: x.shape
length: len(x)

# Indexing
gather: gather(x, axis, index), one entry for each of index
take_along_dim: entries by an array of indices
index_select: slices by number
narrow: a part of an axis
select: one slice
scatter: x with the entries of src put at index
scatter_add: x with the entries of src added at index
index_add: x with slices of source added
masked_fill: x with a value where the mask is 1
masked_select: the entries where the mask is 1: x[mask]
one_hot: rows of 0 with a 1 at the label
sort: in order; `.indices` for where they come from
argsort: where the entries in order come from
topk: the k largest; `.indices` for where they are
topk_indices: `topk(x, k).indices`
diag: a diagonal as a vector, or a vector as a diagonal
diag_embed: vectors as diagonals
diagonal: a diagonal, of two axes
triu: the upper triangle
tril: the lower triangle

# New arrays
zeros: zeros(2, 3)
ones: ones(2, 3)
full: full((2, 3), value)
eye: the identity matrix
arange: arange(start, stop, step)
linspace: linspace(start, end, steps)
zeros_like: 0 in the shape of x
ones_like: 1 in the shape of x
full_like: a value in the shape of x
"""

_MIN_SIMILARITY = 0.7
"""The similarity, from 0 to 1, from which a name is near."""

_INSTEAD = {
    "backward": "derivatives in `steps`: `d(y)/d(x)`",
    "grad": "derivatives in `steps`: `d(y)/d(x)`",
    **dict.fromkeys(
        ("rand", "randn", "normal", "uniform", "bernoulli", "randint"),
        "random numbers as a given: `{shape: [4, 3], draw: normal}`",
    ),
    **dict.fromkeys(
        ("dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
        "`dropout(x, mask, p)` with a given mask",
    ),
    "gumbel_softmax": "`softmax((x + noise) / tau, dim=1)` with given noise",
    "rrelu": "`leaky_relu(x, slope)` with a given slope",
    "ctc_loss": "its sum over the alignments: entries `a[t, s]` in a loop over `t`",
    **dict.fromkeys(("upsample", "upsample_nearest", "upsample_bilinear"), "`interpolate(x, scale_factor=2)`"),
    **dict.fromkeys(("lu", "lu_factor", "ldl_factor"), "`solve(A, b)`, `det(A)` or `cholesky(A)`, made from it"),
    **dict.fromkeys(("hinge", "hinge_loss"), "`maximum(1 - y * score, 0)`"),
    "nonzero": "a condition as an index: `x[x > 0]`",
    **dict.fromkeys(("eig", "eigvals"), "`eigvalsh` or `eigh`, of a symmetric matrix"),
}


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An operation with its kind and its description."""

    operation: Operation
    kind: str
    text: str


@cache
def entries() -> dict[str, CatalogueEntry]:
    """Every operation, by name, in the order in which they are listed."""
    from grader.formula.rare_operations import RARE_OPERATIONS

    known = {**OPERATIONS, **RARE_OPERATIONS}
    made, kind = {}, ""
    for line in filter(None, _KINDS.splitlines()):
        if line.startswith("# "):
            kind = line[2:]
        else:
            name, _, words = line.partition(": ")
            made[name] = CatalogueEntry(known[name], kind, words)
    return made


def suggested(spelling: str) -> str:
    """What to write instead of an unknown operation: up to three with similar names, of the same kind as the most
    similar one."""
    if spelling in _INSTEAD:
        return _INSTEAD[spelling]
    spoken = {
        word: entry for entry in entries().values() for word in (entry.operation.name, *entry.operation.spellings)
    }
    # Less similar names only where there is no similar one: for `tnah`, not `detach` beside `tanh`.
    near = difflib.get_close_matches(spelling, spoken, n=8, cutoff=_MIN_SIMILARITY) or difflib.get_close_matches(
        spelling, spoken
    )
    found = dict.fromkeys(word for word in near if spoken[word].kind == spoken[near[0]].kind)
    listed = ", ".join(f"`{word}`" for word in list(found)[:3])
    return listed or "one of the known operations (`grader lint --operations` lists them)"


def listing() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The kinds in order, each with its operations as they are called, and what they are."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for entry in entries().values():
        kinds.setdefault(entry.kind, []).append((_called(entry.operation), entry.text))
    yield from kinds.items()


def _called(operation: Operation) -> str:
    if operation.order:
        words = [f"{word}=" if word in operation.parameters else word for word in operation.order]
    else:
        operands = ["..."] if operation.most > 3 else ["x", "y", "z"][: operation.most]
        words = [*operands, *(f"{word}=" for word in operation.parameters)]
    return f"{operation.name}({', '.join(words)})"
