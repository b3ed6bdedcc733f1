"""An imitated accelerator: its tensors live on the CPU, say that they are elsewhere, and refuse what real ones refuse.

``imitation()`` makes the device (once in a process; PyTorch keeps it). PyTorch's own dispatcher sees it as a device, so
whatever runs (training loops, optimisers, autograd, EMA) meets it. As on a real one

- tensors of two devices do not go together, but for numbers of no dimension, indices and ``copy_``;
- NumPy does not read it, and a random generator of the CPU draws nothing on it;
- matrices of whole numbers are not multiplied: that is how CUDA is;
- with ``refuse_float64`` there is no float64 on it, nor on the way from it: that is how Apple's MPS is.

What is computed is what the CPU computes, with its random numbers: only where tensors are is told apart.
"""

import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import return_and_correct_aliasing
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "imitation"
CPU = torch.device("cpu")
aten = torch.ops.aten

# May take tensors of the CPU beside those of the device, in which arguments: indices, and the source of a copy.
_FROM_ANYWHERE = {
    "aten::copy_": (1,),
    "aten::_index_put_impl_": (1,),
    "aten::index": (1,),
    "aten::index_put": (1,),
    "aten::index_put_": (1,),
}
# Written into, these take one number from elsewhere; all others that end in "_" do not.
_FILLED = ("aten::fill_", "aten::_index_put_impl_", "aten::index_put_")
_MATRICES = ("aten::mm", "aten::bmm", "aten::addmm", "aten::baddbmm", "aten::mv", "aten::addmv", "aten::dot")
_state = {"device": None, "refuse_float64": False, "operations": 0}


class Imitated(torch.Tensor):
    """A tensor on the imitation; ``kept`` holds its numbers on the CPU."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, kept):
        return torch.Tensor._make_wrapper_subclass(
            cls,
            kept.shape,
            strides=kept.stride(),
            storage_offset=kept.storage_offset(),
            dtype=kept.dtype,
            device=_state["device"],
            requires_grad=False,
        )

    def __init__(self, kept):
        _refuse_double(kept.dtype)
        self.kept = kept

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return _run(function, args, kwargs or {})

    def __tensor_flatten__(self):  # `Module.to` exchanges such parameters in place, as it does with those of a GPU
        return ["kept"], None

    @staticmethod
    def __tensor_unflatten__(inner, context, size, stride):
        return Imitated(inner["kept"])

    def __reduce_ex__(self, protocol):
        return self.kept.detach().__reduce_ex__(protocol)

    def tolist(self):
        return self.kept.detach().tolist()

    def numpy(self, **_):
        raise TypeError(f"can't convert {NAME}:0 device type tensor to numpy. Use Tensor.cpu() first.")

    def __array__(self, *_):
        return self.numpy()

    def __format__(self, spec):
        return format(self.kept.detach(), spec)

    def __repr__(self):
        return f"{self.kept.detach()!r} on the {NAME}"


def imitation(refuse_float64: bool = True) -> torch.device:
    """The imitated device. Without ``refuse_float64`` it takes all types, as CUDA does."""
    if _state["device"] is None:
        _setup_privateuseone_for_python_backend(NAME)
        torch._C._set_only_lift_cpu_tensors(True)  # `torch.tensor(..., device=...)` is made on the CPU, then moved
        library = torch.library.Library("_", "IMPL")
        library.fallback(lambda function, *args, **kwargs: _run(function, args, kwargs), "PrivateUse1")
        _state.update(device=torch.device(NAME, 0), library=library)
    _state["refuse_float64"] = refuse_float64
    return _state["device"]


def operations() -> int:
    """How many operations ran on it in this process."""
    return _state["operations"]


def _run(function, args, kwargs):
    """Compute on the CPU what was asked of the imitation, and say where the results are."""
    _state["operations"] += 1
    name = function.name().split(".")[0]
    given = [x for x in pytree.tree_leaves((args, kwargs)) if isinstance(x, torch.Tensor)]
    source = next((x for x in given if isinstance(x, Imitated)), None)
    named = kwargs.get("device")
    target = CPU if named is not None and torch.device(named).type == "cpu" else _state["device"]
    if name not in ("aten::_to_copy", "aten::copy_"):
        _refuse_mixture(name, args, kwargs)
    if name == "aten::copy_" and not isinstance(args[0], Imitated):
        target = CPU
    moved = name == "aten::_to_copy" and target == CPU
    if name in _MATRICES and source is not None and not (source.is_floating_point() or source.is_complex()):
        short = str(source.dtype).removeprefix("torch.")
        raise RuntimeError(f"{name} is not implemented for matrices of {short} on the {NAME}")
    dtype = args[0].dtype if name == "aten::copy_" else kwargs.get("dtype")
    if dtype is not None and source is not None and dtype != source.dtype:
        _refuse_double(dtype)  # also where the result is on the CPU: the device converts, then sends
    generator = kwargs.get("generator")
    if generator is not None and target != CPU:
        raise RuntimeError(f"Expected a '{NAME}' device type for generator but found '{generator.device.type}'")
    inner_args, inner_kwargs = pytree.tree_map(_kept, (args, kwargs))
    if named is not None:
        inner_kwargs["device"] = CPU
    inner_kwargs.pop("pin_memory", None)
    result = _CELLS.get(name, function)(*inner_args, **inner_kwargs)
    if moved and result is inner_args[0]:
        result = result.clone()
    if target == CPU:
        return args[0] if name == "aten::copy_" else result
    known = {id(x.kept): x for x in given if isinstance(x, Imitated)}
    result = pytree.tree_map(lambda x: _wrapped(x, known), result)
    return return_and_correct_aliasing(function, args, kwargs, result)


def _gru_cell(x, h, before, x_bias=None, h_bias=None):
    """A step of a GRU, which the CPU has in no piece, and what the way back needs."""
    (x_reset, x_keep, x_new), (h_reset, h_keep, h_new) = (
        (gates if bias is None else gates + bias).chunk(3, 1) for gates, bias in ((x, x_bias), (h, h_bias))
    )
    reset, keep = torch.sigmoid(x_reset + h_reset), torch.sigmoid(x_keep + h_keep)
    new = torch.tanh(x_new + reset * h_new)
    return keep * (before - new) + new, torch.cat([reset, keep, new, before, h_new], 1)


def _gru_cell_back(grad, kept, has_bias):
    reset, keep, new, before, h_new = kept.chunk(5, 1)
    to_new = grad * (1 - keep) * (1 - new**2)
    to_keep, to_reset = grad * (before - new) * keep * (1 - keep), to_new * h_new * reset * (1 - reset)
    x, h = (torch.cat([to_reset, to_keep, last], 1) for last in (to_new, to_new * reset))
    return x, h, grad * keep, x.sum(0), h.sum(0)


def _lstm_cell(x, h, before, x_bias=None, h_bias=None):
    """A step of an LSTM, as for the GRU."""
    gates = x + h if x_bias is None else x + x_bias + h + h_bias
    enter, keep, new, out = gates.chunk(4, 1)
    enter, keep, new, out = enter.sigmoid(), keep.sigmoid(), new.tanh(), out.sigmoid()
    after = keep * before + enter * new
    return out * after.tanh(), after, torch.cat([enter, keep, new, out], 1)


def _lstm_cell_back(grad, grad_after, before, after, kept, has_bias):
    enter, keep, new, out = kept.chunk(4, 1)
    grad, into = (torch.zeros_like(after) if g is None else g for g in (grad, grad_after))
    into = into + grad * out * (1 - after.tanh() ** 2)
    parts = into * new * enter * (1 - enter), into * before * keep * (1 - keep), into * enter * (1 - new**2)
    gates = torch.cat([*parts, grad * after.tanh() * out * (1 - out)], 1)
    return gates, into * keep, gates.sum(0)


_CELLS = {  # what PyTorch asks of every device but the CPU
    "aten::_thnn_fused_gru_cell": _gru_cell,
    "aten::_thnn_fused_gru_cell_backward": _gru_cell_back,
    "aten::_thnn_fused_lstm_cell": _lstm_cell,
    "aten::_thnn_fused_lstm_cell_backward_impl": _lstm_cell_back,
}


def _kept(x):
    return x.kept if isinstance(x, Imitated) else x


def _wrapped(x, known):
    if not isinstance(x, torch.Tensor):
        return x
    return known[id(x)] if id(x) in known else Imitated(x)


def _refuse_double(dtype):
    if _state["refuse_float64"] and dtype in (torch.float64, torch.complex128):
        short = str(dtype).removeprefix("torch.")
        raise TypeError(f"Cannot convert a tensor of the {NAME} to {short} dtype: it has none, use float32 instead")


def _refuse_mixture(name, args, kwargs):
    """Raises RuntimeError for tensors of two devices, as PyTorch does."""
    free = _FROM_ANYWHERE.get(name, ())
    looked_at = [arg for i, arg in enumerate(args) if i not in free or not isinstance(args[0], Imitated)]
    tensors = [x for x in pytree.tree_leaves((looked_at, kwargs)) if isinstance(x, torch.Tensor)]
    there = [x for x in tensors if isinstance(x, Imitated)]
    here = [x for x in tensors if not isinstance(x, Imitated)]
    into = name.endswith("_") and name not in _FILLED and args and any(x is args[0] for x in here)
    if there and (into or any(x.ndim for x in here)):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {NAME}:0 and cpu! ({name})"
        )
