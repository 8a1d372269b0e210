"""Layers in many settings and on many shapes: kind, options, shapes of the inputs, type of the inputs."""

from __future__ import annotations

from typing import Any

T, P, V = (9, 3), (8, 6, 4), (5,)
L1 = {"l1": 0.01, "l2": 0.0}

CASES: list[tuple[str, dict[str, Any], list[tuple[int | None, ...]], str]] = [
    *[("dense", {"units": 4}, [shape], "float32") for shape in (V, T, P, (None, 3))],
    ("dense", {"units": 4, "use_bias": False, "activation": "softmax", "kernel_regularizer": L1}, [V], "float32"),
    ("dense", {"units": 2, "kernel_initializer": "orthogonal(1.5)", "kernel_constraint": "max_norm(3)"}, [V], "int32"),
    ("time_distributed", {"units": 4}, [T], "float32"),
    ("time_distributed", {"units": 4, "use_bias": False}, [P], "float32"),
    ("embedding", {"input_dim": 11, "output_dim": 4}, [(7,)], "int32"),
    ("embedding", {"input_dim": 11, "output_dim": 4, "mask_zero": True}, [(None,)], "int32"),
    ("embedding", {"input_dim": 11, "output_dim": 4}, [(2, 3)], "int32"),
    ("embedding", {"input_dim": 11, "output_dim": 4}, [()], "int32"),
    ("masking", {"mask_value": -1.0}, [T], "float32"),
    ("activation", {"activation": "gelu"}, [T], "float32"),
    ("leaky_relu", {}, [V], "float32"),
    ("prelu", {}, [P], "float32"),
    ("prelu", {"shared_axes": [1, 2]}, [(None, 6, 4)], "float32"),
    ("elu", {}, [V], "float32"),
    ("softmax", {"axis": 1}, [T], "float32"),
    ("rescaling", {}, [P], "float32"),
    ("ctc_head", {"labels": 5}, [T], "float32"),
    ("crf_head", {"labels": 5}, [T], "float32"),
    ("crf_head", {"labels": 2}, [(None, 3)], "float32"),
    # convolutions: on lengths that do and do not divide
    *[
        ("conv1d", {"filters": 4, "kernel_size": size, "strides": stride, "padding": padding}, [shape], "float32")
        for size in (1, 3)
        for stride in (1, 2)
        for padding in ("valid", "same", "causal")
        for shape in ((9, 3), (10, 3), (None, 3))
    ],
    ("conv1d", {"filters": 4, "dilation_rate": 2, "padding": "valid"}, [T], "float32"),
    ("conv1d", {"filters": 4, "groups": 2}, [(9, 4)], "float32"),
    *[
        ("conv2d", {"filters": 4, "kernel_size": size, "strides": stride, "padding": padding}, [P], "float32")
        for size in ([3, 3], [2, 1])
        for stride in ([1, 1], [2, 3])
        for padding in ("valid", "same")
    ],
    ("conv2d", {"filters": 4, "dilation_rate": 2, "padding": "valid"}, [P], "float32"),
    ("conv2d", {"filters": 4}, [(None, None, 3)], "float32"),
    ("depthwise_conv1d", {"depth_multiplier": 2, "padding": "valid"}, [T], "float32"),
    ("depthwise_conv2d", {"depth_multiplier": 2, "strides": 2, "padding": "same"}, [P], "float32"),
    ("depthwise_conv2d", {"dilation_rate": 2, "padding": "valid"}, [P], "float32"),
    ("separable_conv1d", {"filters": 5, "depth_multiplier": 2, "padding": "valid"}, [T], "float32"),
    ("separable_conv2d", {"filters": 5, "strides": 2, "padding": "valid", "use_bias": False}, [P], "float32"),
    *[
        (f"conv{len(shape) - 1}d_transpose", {"filters": 5, "kernel_size": size, "strides": stride, "padding": padding}, [shape], "float32")
        for shape in (T, P)
        for size in (1, 2, 3)
        for stride in (1, 2, 3)
        for padding in ("valid", "same")
    ],
    # pooling
    *[
        (f"{kind}_pooling{len(shape) - 1}d", {"pool_size": 2, "strides": stride, "padding": padding}, [shape], "float32")
        for kind in ("max", "average")
        for stride in (None, 3)
        for padding in ("valid", "same")
        for shape in (T, P)
    ],
    *[
        (f"global_{kind}_pooling{len(shape) - 1}d", {"keepdims": keep}, [shape], "float32")
        for kind in ("max", "average")
        for keep in (False, True)
        for shape in (T, P)
    ],
    ("up_sampling1d", {"size": 3}, [T], "float32"),
    ("up_sampling2d", {"size": [2, 3]}, [P], "float32"),
    ("up_sampling2d", {"interpolation": "bilinear"}, [P], "float32"),
    ("zero_padding1d", {"padding": [1, 2]}, [T], "float32"),
    ("zero_padding2d", {"padding": [[1, 2], [0, 3]]}, [P], "float32"),
    ("cropping1d", {"cropping": [1, 2]}, [T], "float32"),
    ("cropping2d", {"cropping": [1, 2]}, [P], "float32"),
    # disturbing
    ("dropout", {"rate": 0.3}, [P], "float32"),
    ("spatial_dropout1d", {}, [T], "float32"),
    ("spatial_dropout2d", {}, [P], "float32"),
    ("alpha_dropout", {}, [V], "float32"),
    ("gaussian_noise", {}, [T], "float32"),
    ("gaussian_dropout", {}, [T], "float32"),
    ("activity_regularization", {"l1": 0.1}, [V], "float32"),
    # shape
    ("flatten", {}, [P], "float32"),
    ("flatten", {}, [V], "float32"),
    ("flatten", {}, [(None, 3)], "float32"),
    ("reshape", {"target_shape": [4, -1]}, [P], "float32"),
    ("reshape", {"target_shape": [27]}, [T], "int32"),
    ("reshape", {"target_shape": [-1, 1]}, [(None, 3)], "float32"),
    ("permute", {"dims": [3, 1, 2]}, [P], "float32"),
    ("repeat_vector", {"n": 4}, [V], "float32"),
    # recurrent
    *[
        (kind, {"units": 4, "direction": direction, "return_sequences": sequences}, [shape], "float32")
        for kind in ("simple_rnn", "gru", "lstm")
        for direction in ("forward", "backward", "both")
        for sequences in (False, True)
        for shape in ((9, 3), (None, 3))
    ],
    *[("lstm", {"units": 16, "peephole": True, "direction": direction}, [T], "float32") for direction in ("forward", "backward", "both")],
    ("lstm", {"units": 4, "forget_bias": 3.0, "dropout": 0.2, "recurrent_dropout": 0.1}, [T], "float32"),
    ("lstm", {"units": 4, "direction": "both", "merge_mode": "sum", "use_bias": False}, [T], "float32"),
    ("lstm", {"units": 4, "unroll": True}, [T], "float32"),
    ("gru", {"units": 4, "reset_after": False}, [T], "float32"),
    ("gru", {"units": 4, "use_bias": False, "direction": "both"}, [T], "float32"),
    ("gru", {"units": 4}, [T, (4,)], "float32"),
    ("lstm", {"units": 4}, [T, (4,)], "float32"),
    ("lstm", {"units": 4, "peephole": True}, [T, (4,), (4,)], "float32"),
    # normalising
    ("batch_normalization", {}, [P], "float32"),
    ("batch_normalization", {"axis": 1, "scale": False}, [T], "float32"),
    ("layer_normalization", {}, [T], "float32"),
    ("layer_normalization", {"center": False}, [V], "float32"),
    ("group_normalization", {"groups": 2}, [P], "float32"),
    ("rms_normalization", {}, [T], "float32"),
    ("unit_normalization", {}, [V], "float32"),
    # attention
    ("attention", {}, [T], "float32"),
    ("attention", {"use_scale": True, "score_mode": "concat"}, [T, (7, 3)], "float32"),
    ("attention", {"use_causal_mask": True}, [T, (7, 5), (7, 3)], "float32"),
    ("additive_attention", {}, [T, (7, 3)], "float32"),
    ("multi_head_attention", {"num_heads": 2, "key_dim": 5}, [T], "float32"),
    ("multi_head_attention", {"num_heads": 2, "key_dim": 5, "value_dim": 6, "output_shape": 7}, [T, (7, 5)], "float32"),
    ("multi_head_attention", {"num_heads": 2, "key_dim": 5, "use_bias": False, "use_causal_mask": True}, [T, (7, 5), (7, 2)], "float32"),
    # merging
    *[(kind, {}, [T, T], "float32") for kind in ("add", "subtract", "multiply", "average", "maximum", "minimum")],
    ("add", {}, [(9, 3), (1, 3), (9, 1)], "float32"),
    ("average", {}, [V, V, V], "int32"),
    ("add", {}, [(None, 3), (9, 3)], "float32"),
    ("concatenate", {}, [T, (9, 5)], "float32"),
    ("concatenate", {"axis": 1}, [T, (4, 3), (None, 3)], "float32"),
    ("dot", {}, [V, V], "float32"),
    ("dot", {"axes": [1, 2], "normalize": True}, [(5, 3), (2, 5)], "float32"),
    ("dot", {"axes": [2]}, [(5, 3), (2, 3)], "float32"),
]  # fmt: skip
