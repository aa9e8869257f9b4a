"""The operations that few exercises use, imported when one of them is met, and where torch has them.

Their value and spelling in torch follow from `HOMES`; those that are composed of other operations have a definition
(`grader.formula.compositions`), from which everything else follows.
"""

from __future__ import annotations

from grader.formula.operations import MAX_OPERANDS, REDUCTION, Operation, binary, signed, unary

_TABLE = [
    *unary(
        "erfc",
        "erfinv",
        "lgamma gammaln",
        "digamma psi",
        "exp2",
        "asin arcsin",
        "acos arccos",
        "acosh arccosh",
        "sinc",
        "cbrt",
        "i0",
        "ndtr",
        "entr",
        "deg2rad radians",
        "rad2deg degrees",
        "floor",
        "ceil",
        "round around",
        "trunc fix",
        "frac",
        "relu6",
        "selu",
        "mish",
        "hardsigmoid",
        "hardswish",
        "softsign",
        "tanhshrink",
        "real",
        "imag",
        "conj conjugate",
        "angle",
        "not_ logical_not",
        "isinf",
        "isfinite",
        "diag_embed",
        "fliplr",
        "flipud",
        "det",
        "slogdet",
        "logdet",
        "inv inverse",
        "pinv pinverse",
        "cholesky",
        "eigvalsh",
        "eigh",
        "svdvals",
        "svd",
        "qr",
        "matrix_exp expm",
        "matrix_rank",
        "corrcoef",
    ),
    *binary(
        "xor_ logical_xor",
        "logaddexp",
        "logaddexp2",
        "hypot",
        "copysign",
        "xlogy",
        "fmod",
        "kron",
        "vdot",
    ),
    Operation("argmin", 1, 1, REDUCTION),
    Operation("median", 1, 1, REDUCTION),
    Operation("any", 1, 1, REDUCTION),
    Operation("all", 1, 1, REDUCTION),
    Operation("count_nonzero", 1, 1, ("dim",)),
    Operation("tile", 1, 1, ("dims",), ("repeat",), "dims"),
    Operation("hstack", 1, MAX_OPERANDS),
    Operation("vstack", 1, MAX_OPERANDS, (), ("row_stack",)),
    Operation("dstack", 1, MAX_OPERANDS),
    Operation("column_stack", 1, MAX_OPERANDS),
    Operation("block_diag", 1, MAX_OPERANDS),
    Operation("multi_dot", 1, MAX_OPERANDS, (), ("chain_matmul",)),
    *signed(
        "cumprod input dim:",
        "logcumsumexp input dim:",
        "diff input n: dim:",
        "quantile input q: dim: keepdim:",
        "sort input dim: descending:",
        "argsort input dim: descending:",
        "topk input k: dim: largest:",
        "topk_indices input k: dim: largest:",
        "lerp input end weight",
        "heaviside input values",
        "polygamma n: input",
        "nan_to_num input nan: posinf: neginf:",
        "logit input eps:",
        "complex real imag",
        "polar abs angle",
        "normal_pdf x [loc] [scale]",
        "normal_logpdf x [loc] [scale]",
        "normal_cdf x [loc] [scale]",
        *(f"{name} input n: dim:" for name in ("fft", "ifft", "rfft", "irfft")),
        "convolve a v mode:",
        "correlate a v mode:",
    ),
    *signed(
        "elu input alpha:",
        "celu input alpha:",
        "hardtanh input min_val: max_val:",
        "hardshrink input lambd:",
        "softshrink input lambd:",
        "threshold input threshold: value:",
        "prelu input weight",
        "glu input dim:",
        "softmin input dim:",
        "normalize input p: dim: eps:",
        "dropout input mask p:",
    ),
    *signed(
        "nll_loss input target [weight] ignore_index: reduction:",
        "binary_cross_entropy input target [weight] reduction:",
        "binary_cross_entropy_with_logits input target [weight] reduction: [pos_weight]",
        "kl_div input target reduction: log_target:",
        "l1_loss input target reduction:",
        "smooth_l1_loss input target reduction: beta:",
        "huber_loss input target reduction: delta: | huber",
        "soft_margin_loss input target reduction:",
        "hinge_embedding_loss input target margin: reduction:",
        "margin_ranking_loss input1 input2 target margin: reduction:",
        "triplet_margin_loss anchor positive negative margin: p: eps: swap: reduction:",
        "cosine_embedding_loss input1 input2 target margin: reduction:",
        "poisson_nll_loss input target log_input: full: eps: reduction:",
        "gaussian_nll_loss input target var full: eps: reduction:",
        "multi_margin_loss input target p: margin: [weight] reduction:",
        "multilabel_margin_loss input target reduction:",
        "multilabel_soft_margin_loss input target [weight] reduction:",
        "cosine_similarity x1 x2 dim: eps:",
        "pairwise_distance x1 x2 p: eps: keepdim:",
        "pdist input p:",
        "cdist x1 x2 p:",
        "dist input other p:",
    ),
    *signed(
        "linear input weight [bias]",
        "bilinear input1 input2 weight [bias]",
        "layer_norm input normalized_shape: [weight] [bias] eps:",
        "rms_norm input normalized_shape: [weight] eps:",
        "batch_norm input [running_mean] [running_var] [weight] [bias] training: momentum: eps:",
        "instance_norm input [running_mean] [running_var] [weight] [bias] use_input_stats: momentum: eps:",
        "group_norm input num_groups: [weight] [bias] eps:",
        "local_response_norm input size: alpha: beta: k:",
        "embedding input weight",
        "scaled_dot_product_attention query key value [attn_mask] dropout_p: is_causal: scale:",
        *(f"conv{n}d input weight [bias] stride: padding: dilation: groups:" for n in "23"),
        *(f"conv_transpose{n}d input weight [bias] stride: padding: output_padding: groups: dilation:" for n in "123"),
        *(f"max_pool{n}d input kernel_size: stride: padding: dilation: ceil_mode:" for n in "123"),
        *(f"avg_pool{n}d input kernel_size: stride: padding: ceil_mode: count_include_pad:" for n in "123"),
        *(f"adaptive_{kind}_pool{n}d input output_size:" for kind in ("avg", "max") for n in "123"),
        *(f"lp_pool{n}d input norm_type: kernel_size: stride:" for n in "123"),
        "pad input pad: mode: value:",
        "unfold input kernel_size: dilation: padding: stride:",
        "fold input output_size: kernel_size: dilation: padding: stride:",
        "windows input dimension: size: step:",
        "interpolate input size: scale_factor: mode: align_corners:",
        "channel_shuffle input groups:",
        "pixel_shuffle input upscale_factor:",
        "pixel_unshuffle input downscale_factor:",
    ),
    *signed(
        "roll input shifts: dims:",
        "rot90 input k: dims:",
        "repeat_interleave input repeats: dim:",
        "split input split_size: dim:",
        "chunk input chunks: dim:",
        "unbind input dim:",
        "movedim input source: destination: | moveaxis",
        "narrow input dim: start: length:",
        "select input dim: index:",
        "diagonal input offset: dim1: dim2:",
        "gather input dim: index",
        "take_along_dim input indices dim: | take_along_axis",
        "index_select input dim: index | take",
        "scatter input dim: index src",
        "scatter_add input dim: index src",
        "index_add input dim: index source alpha:",
        "masked_fill input mask value",
        "masked_select input mask",
        "full_like input fill_value:",
        "linspace start: end: steps:",
        "tensordot a b axes:",
    ),
    *signed(
        "solve A B",
        "solve_triangular A B upper: left: unitriangular:",
        "cholesky_solve B L upper:",
        "cholesky_inverse L",
        "lstsq A B",
        "vecdot x y dim:",
        "tensorinv A ind:",
        "tensorsolve A B dims:",
        "matrix_power A n:",
        "matrix_norm A p: dim: keepdim:",
        "linalg_norm A p: dim: keepdim:",
        "cond A p:",
        "cross input other dim:",
        "cov input correction:",
        "addmm input mat1 mat2 beta: alpha:",
        "addmv input mat vec beta: alpha:",
        "addr input vec1 vec2 beta: alpha:",
        "addcmul input tensor1 tensor2 value:",
        "addcdiv input tensor1 tensor2 value:",
        "vander x N: increasing:",
    ),
]

RARE_OPERATIONS = {operation.name: operation for operation in _TABLE}

BY_SPELLING = {spelling: operation for operation in _TABLE for spelling in (operation.name, *operation.spellings)}

RESULTS: dict[str, tuple[str, ...]] = {
    "slogdet": ("sign", "logabsdet"),
    "eigh": ("eigenvalues", "eigenvectors"),
    "svd": ("U", "S", "Vh"),
    "qr": ("Q", "R"),
}
"""Operations that return several arrays, picked by number or by these names: `slogdet(A)[1]`, `slogdet(A).sign`."""

HOMES: dict[str, str] = {
    "torch": """
        asin acos acosh exp2 deg2rad rad2deg floor ceil round trunc frac real imag conj angle diag_embed fliplr flipud
        lgamma digamma erfc erfinv sinc i0 logit polygamma corrcoef cov logaddexp logaddexp2 hypot copysign xlogy fmod
        kron vdot lerp heaviside nan_to_num complex polar diff quantile count_nonzero
        addmm addmv addr addcmul addcdiv cdist dist
        roll rot90 repeat_interleave movedim narrow select diagonal gather take_along_dim index_select scatter
        scatter_add index_add full_like logdet cholesky_solve cholesky_inverse isinf isfinite argsort
    """,
    "torch.linalg": """
        det slogdet inv pinv cholesky eigvalsh eigh svdvals qr matrix_exp matrix_rank solve solve_triangular
        matrix_power cross vecdot tensorinv tensorsolve
    """,
    "torch.special": "ndtr entr",
    "torch.fft": "fft ifft rfft irfft",
    "F": """
        gelu softplus elu celu selu mish relu6 hardsigmoid hardswish hardtanh hardshrink softshrink softsign tanhshrink
        threshold prelu glu softmin normalize
        nll_loss binary_cross_entropy binary_cross_entropy_with_logits kl_div mse_loss l1_loss smooth_l1_loss huber_loss
        soft_margin_loss hinge_embedding_loss margin_ranking_loss triplet_margin_loss cosine_embedding_loss
        poisson_nll_loss gaussian_nll_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss
        cosine_similarity pairwise_distance pdist
        linear bilinear layer_norm rms_norm batch_norm instance_norm group_norm local_response_norm embedding
        scaled_dot_product_attention conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d
        max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d
        adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d lp_pool1d lp_pool2d lp_pool3d
        pad unfold fold interpolate pixel_shuffle pixel_unshuffle channel_shuffle cross_entropy
    """,
}
"""The operations that torch has under the same name with the same parameters, by their module: their value and their
spelling need no entry of their own."""
