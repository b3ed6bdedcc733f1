"""A GPU that is only pretended: tensors that are computed on the CPU and say that they are elsewhere.

Functions that forget ``device=`` go wrong on it as on a real one, with real numbers behind, so that ``.item()`` works.
"""

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_map
from torch.utils.weak import WeakIdKeyDictionary, WeakIdRef

GPU = torch.device("cuda", 0)
_DEVICE = torch.Tensor.device.__get__
_TRANSPARENT = {torch.Tensor.requires_grad.__get__, torch.Tensor.shape.__get__, torch.Tensor.dtype.__get__}


class PretendedGpu(TorchFunctionMode):
    """While it is active, tensors marked by ``put`` and all that is made of them are on ``GPU``."""

    def __init__(self):
        super().__init__()
        self.elsewhere = WeakIdKeyDictionary(ref_type=WeakIdRef)
        self.kept = {}  # by the address of its numbers: `Variable(x)` and `Parameter(x)` share them and are not seen being made

    def mark(self, tensor):
        self.elsewhere[tensor] = True
        if _address(tensor):
            self.kept[_address(tensor)] = tensor

    def has(self, tensor) -> bool:
        return tensor in self.elsewhere or _address(tensor) in self.kept

    def put(self, value):
        """A copy of a tensor on the pretended GPU; anything else as it is."""
        if not isinstance(value, torch.Tensor):
            return value
        value = value.detach().clone()
        self.mark(value)
        return value

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if function == _DEVICE:
            return GPU if self.has(args[0]) else function(*args)
        if function == torch.Tensor.is_cuda.__get__:
            return self.has(args[0])
        if function is torch.Tensor.numpy and self.has(args[0]):
            raise TypeError(
                "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy it to the CPU first."
            )
        target, args, kwargs = self._target(function, args, kwargs)
        if target is None:
            target = self._common(function, args, kwargs)
        result = function(*args, **kwargs)
        if target == GPU and any(result is a and a not in self.elsewhere for a in args if isinstance(a, torch.Tensor)):
            result = result.clone()  # `.to` of the device where it is computed anyway gives the tensor itself
        return tree_map(lambda t: self._marked(t, target), result) if target is not None else result

    def _target(self, function, args, kwargs):
        """The device that the call names, taken out of it; None when it names none."""
        if function is torch.Tensor.cpu:
            return torch.device("cpu"), args, kwargs
        named = kwargs.get("device")
        if named is not None:
            kwargs = {**kwargs, "device": "cpu"}
        elif function in (torch.Tensor.to, torch.Tensor.type_as):
            other = next((a for a in args[1:] if isinstance(a, torch.Tensor)), None)
            named = self._of(other) if other is not None else next((a for a in args[1:] if _is_device(a)), None)
            args = tuple("cpu" if _is_device(a) else a for a in args)
        elif function is torch.Tensor.cuda:
            return GPU, (args[0], "cpu"), kwargs
        if named is None:
            return None, args, kwargs
        return (torch.device("cpu") if torch.device(named).type == "cpu" else GPU), args, kwargs

    def _of(self, tensor):
        return GPU if self.has(tensor) else torch.device("cpu")

    def _common(self, function, args, kwargs):
        """Where the arguments are. Raises ``RuntimeError`` as PyTorch does when they are on different devices."""
        if function is torch.Tensor.copy_:  # from anywhere
            return self._of(args[0])
        tensors = [t for t in tree_flatten((args, kwargs))[0] if isinstance(t, torch.Tensor)]
        gpu = [t for t in tensors if self.has(t)]
        if gpu and len(gpu) < len(tensors) and function not in _TRANSPARENT:
            indexing = function in (torch.Tensor.__getitem__, torch.Tensor.__setitem__) and self.has(tensors[0])
            if not indexing and any(t.ndim for t in tensors if not self.has(t)):
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
                )
        return GPU if gpu else None

    def _marked(self, value, target):
        """A result of the call, written down as being on ``target``; a copy where it is an argument that stays elsewhere."""
        if not isinstance(value, torch.Tensor):
            return value
        if target == GPU:
            self.mark(value)
        elif self.has(value):
            return value.clone()
        return value


def _address(tensor) -> int | None:
    """Where a tensor's numbers are kept; None when that cannot be told."""
    try:
        return tensor.untyped_storage().data_ptr() or None
    except (RuntimeError, NotImplementedError):
        return None


def _is_device(value) -> bool:
    return isinstance(value, torch.device) or (isinstance(value, str) and value.split(":")[0] in ("cpu", "cuda"))


def device_of_result(function, arguments, keywords) -> str:
    """Where the tensors of ``function``'s result are, for arguments on the pretended GPU (a device "cuda" names it)."""
    mode = PretendedGpu()
    given = tree_map(mode.put, list(arguments)), tree_map(mode.put, dict(keywords))
    with mode:
        result = function(*given[0], **given[1])
    tensors = [t for t in tree_flatten(result)[0] if isinstance(t, torch.Tensor)]
    return ", ".join(sorted({"the GPU" if mode.has(t) else "the CPU" for t in tensors}))
