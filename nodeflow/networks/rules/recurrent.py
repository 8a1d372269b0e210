"""Recurrent layers: they read a sequence step by step and carry a state along."""

from __future__ import annotations

from typing import Any

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.option import Option
from nodeflow.networks.rule import Config, Rule, Seen, Shape, Weight, known_size, shown
from nodeflow.networks.rules.common import ACTIVITY, USE_BIAS, activation, share, size, tuning

_SEQUENCES = Option(
    "return_sequences", "boolean", False,
    "Whether an output comes out for each step, as another layer of sequences needs; off gives that of the last.",
)  # fmt: skip
_DIRECTION = Option(
    "direction", "choice", "forward",
    "Read the sequence from its start, from its end, or both ways by two layers. Backward with an output for each "
    "step gives them in the order they were made, the last step first, as Keras does.",
    choices=("forward", "backward", "both"),
)  # fmt: skip
_MERGE = Option(
    "merge_mode", "choice", "concat", "How the outputs of both directions are joined.",
    choices=("concat", "sum", "mul", "ave"), advanced=True,
)  # fmt: skip
_DROPOUT = share(
    "dropout", 0.0, "The share of the inputs of a step that is left out in training.", advanced=True
)
_RECURRENT_DROPOUT = share(
    "recurrent_dropout",
    0.0,
    "The share of the state that is left out in training; more than 0 is slow.",
    advanced=True,
)
_STATEFUL = Option(
    "stateful", "boolean", False, "Whether the state of a sample goes on from batch to batch.", advanced=True
)
_UNROLL = Option(
    "unroll",
    "boolean",
    False,
    "Whether the loop over steps is written out; only for short sequences.",
    advanced=True,
)
_TUNING = (
    *tuning(("kernel", "glorot_uniform"), ("recurrent", "orthogonal"), ("bias", "zeros")),
    ACTIVITY,
)
_GATES = activation("sigmoid", "recurrent_activation", advanced=True, of="The function of the gates.")


def _shape(config: Config, seen: Seen) -> Shape:
    units = config["units"]
    if config["direction"] == "both" and config["merge_mode"] == "concat":
        units *= 2
    return (seen.shape[0], units) if config["return_sequences"] else (units,)


def _check(config: Config, seen: Seen) -> None:
    known_size(seen.shape, -1, "the axis of features")
    if config["unroll"]:
        known_size(seen.shape, 0, "the axis of time, as the loop is written out,")
    for number, state in enumerate(seen.shapes[1:], 2):
        if config["direction"] == "both":
            raise NetworkError(
                "takes a first state only when it reads in one direction; set the direction to forward"
            )
        if state != (config["units"],):
            raise NetworkError(
                f"needs a first state of {config['units']} numbers, its units, but input {number} gives "
                f"{shown(state)}; put a Dense of {config['units']} units before it"
            )


def _weights(gates: int, *, peephole: bool = False, bias_rows: bool = False) -> Any:
    def weights(config: Config, seen: Seen) -> tuple[Weight, ...]:
        units = config["units"]
        features = known_size(seen.shape, -1, "the axis of features")
        own = [
            Weight("kernel", (features, gates * units)),
            Weight("recurrent_kernel", (units, gates * units)),
        ]
        if peephole and config["peephole"]:
            own.append(Weight("peephole", (3, units)))
        if config["use_bias"]:
            rows = bias_rows and config["reset_after"]
            own.append(Weight("bias", (2, gates * units) if rows else (gates * units,)))
        if config["direction"] != "both":
            return tuple(own)
        return tuple(Weight(f"{way}_{one.name}", one.shape) for way in ("forward", "backward") for one in own)

    return weights


def _go_backwards(value: Any) -> dict[str, Any]:
    return {"direction": "backward"} if value is True else {}


def _unit_forget_bias(value: Any) -> dict[str, Any]:
    return {"forget_bias": 1.0 if value is True else 0.0}


_INSTEAD = {
    1: "keep the steps of the sequence: return_sequences in the layer before, or a Reshape",
    3: "put a Reshape before it that makes one axis of features, such as one step a row of the picture",
}
_ADVICE = (
    "Several in a row need an output for each step from all but the last. A second connected network gives the "
    "first state, such as that of an encoder."
)


def _rule(
    kind: str, keras: str, title: str, purpose: str, options: tuple[Option, ...], weights: Any, **more: Any
) -> Rule:
    return Rule(
        kind=kind,
        keras=keras,
        title=title,
        group="Recurrent",
        purpose=purpose,
        advice=more.pop("advice", _ADVICE),
        options=options,
        ranks=(2,),
        inputs=more.pop("inputs", (1, 2)),
        shape=_shape,
        weights=weights,
        check=_check,
        dtype="float",
        mask="time",
        instead=_INSTEAD,
        **more,
    )


_UNITS = size("units", 32, "How many numbers its state and its output have.")

RULES = (
    _rule(
        "simple_rnn",
        "SimpleRNN",
        "Simple RNN",
        "Read a sequence step by step, with a state made of the input and the last state.",
        (
            _UNITS, _SEQUENCES, _DIRECTION, activation("tanh"), _DROPOUT, _RECURRENT_DROPOUT, _STATEFUL, _UNROLL,
            _MERGE, USE_BIAS, *_TUNING,
        ),
        _weights(1),
        advice="It forgets within some ten steps, as its gradients vanish; take LSTM or GRU for longer ones. "
        + _ADVICE,
        aliases={"go_backwards": _go_backwards},
        keywords=("recurrent", "elman", "sequence"),
    ),
    _rule(
        "gru",
        "GRU",
        "GRU",
        "Read a sequence step by step, with two gates that say what to keep.",
        (
            _UNITS, _SEQUENCES, _DIRECTION, activation("tanh"), _GATES, _DROPOUT, _RECURRENT_DROPOUT, _STATEFUL,
            _UNROLL, _MERGE,
            Option(
                "reset_after", "boolean", True,
                "Whether the reset gate works after the product with the weights, as on GPUs, or before it.",
                advanced=True,
            ),
            USE_BIAS, *_TUNING,
        ),
        _weights(3, bias_rows=True),
        aliases={"go_backwards": _go_backwards},
        keywords=("recurrent", "gated", "sequence", "cho"),
    ),
    _rule(
        "lstm",
        "LSTM",
        "LSTM",
        "Read a sequence step by step, with a cell that keeps what its gates let in.",
        (
            _UNITS, _SEQUENCES, _DIRECTION,
            Option(
                "peephole", "boolean", False,
                "Whether the gates also see the cell: 3 more weights a unit. It has no fast path on GPUs.",
            ),
            activation("tanh"), _GATES, _DROPOUT, _RECURRENT_DROPOUT, _STATEFUL,
            Option(
                "forget_bias", "number", 1.0,
                "What the bias of the forget gate starts at; 1 lets it remember from the start.",
                minimum=-100, maximum=100, advanced=True,
            ),
            _UNROLL, _MERGE, USE_BIAS, *_TUNING,
        ),
        _weights(4, peephole=True),
        inputs=(1, 3),
        advice=_ADVICE + " A third one gives the first cell. Gates lie in the weights as input, forget, cell, output.",
        aliases={"go_backwards": _go_backwards, "unit_forget_bias": _unit_forget_bias},
        keywords=("recurrent", "long short-term memory", "peephole", "bidirectional", "sequence", "forecast"),
    ),
)  # fmt: skip
