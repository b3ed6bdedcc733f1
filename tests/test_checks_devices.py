"""The pretended GPU: functions that forget ``device=`` go wrong on it as on a real one."""

import pytest
import torch
from torch.distributions import Normal

from course_utils.checks.devices import device_of_result

GPU, CPU = "the GPU", "the CPU"


@pytest.mark.parametrize(
    ("function", "where"),
    [
        (lambda x: x + 1, GPU),
        (lambda x: x * torch.tensor(2.0), GPU),  # a number may come from anywhere
        (lambda x: torch.zeros(len(x), device=x.device) + x, GPU),
        (lambda x: torch.zeros_like(x).normal_(), GPU),
        (lambda x: x.new_ones(3), GPU),
        (lambda x: torch.rand(3).to(x), GPU),
        (lambda x: torch.rand(3).to(x.device), GPU),
        (lambda x: torch.randn(len(x)), CPU),
        (lambda x: torch.tensor([v.item() for v in x]), CPU),
        (lambda x: x.cpu(), CPU),
        (lambda x: x[torch.tensor([0, 1])], GPU),  # indices may come from the CPU
        (lambda x: torch.stack([x, x]).mean(0), GPU),
        (lambda x: Normal(torch.zeros(3, device=x.device), 1.0).sample(), GPU),
        (lambda x: (x, x.cpu()), f"{CPU}, {GPU}"),
        (lambda x: torch.nn.functional.one_hot(torch.zeros(3, dtype=torch.int64, device="cuda"), 4), GPU),
    ],
)
def test_where_a_result_is(function, where):
    assert device_of_result(function, [torch.ones(3)], {}) == where


@pytest.mark.parametrize("function", [lambda x: x + torch.ones(3), lambda x: torch.cat([x, torch.zeros(1)])])
def test_tensors_of_two_devices_do_not_go_together(function):
    with pytest.raises(RuntimeError, match="same device"):
        device_of_result(function, [torch.ones(3)], {})


def test_numpy_does_not_read_it():
    with pytest.raises(TypeError, match="numpy"):
        device_of_result(lambda x: x.numpy(), [torch.ones(3)], {})


def test_a_device_can_be_an_argument():
    assert device_of_result(lambda n, device: torch.randn(n, device=device), [3], {"device": "cuda"}) == GPU
    assert device_of_result(lambda n, device: torch.randn(n), [3], {"device": torch.device("cuda")}) == CPU
