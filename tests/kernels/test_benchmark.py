"""The parts of `benchmarks/kernels.py` that need no GPU: what is compared, and how a row is made."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.kernels import (
    Machine,
    Measurement,
    Workload,
    file_name,
    measure,
    workloads,
    write_results,
)

ROOT = Path(__file__).parents[2]
MACHINE = Machine(bandwidth_gbps=100.0, tflops={torch.float32: 2.0, torch.float64: 1.0})


@pytest.mark.parametrize("workload", workloads(large=False), ids=lambda w: w.name.replace(" ", "-"))
def test_op_and_pytorch_are_given_the_same_task(workload):
    row = measure(workload, torch.float64, "cpu", MACHINE, lambda call: 1.0)

    assert row.error_float64 < 1e-13
    assert row.error_pytorch_float64 == 0.0


def test_large_and_small_workloads_are_the_same_ops():
    small, large = ({w.op.split()[0] for w in workloads(large)} for large in (False, True))
    assert small == large


def test_row_counts_bytes_operations_and_ratios():
    workload = Workload("matmul", torch.matmul, torch.matmul, ((10, 20), (20, 30)), (), 6000)
    times = iter([2.0, 3.0])
    row = measure(workload, torch.float32, "cpu", MACHINE, lambda call: next(times))
    bytes_moved = 4 * (200 + 600 + 300)

    assert (row.op, row.shape, row.dtype) == ("matmul", "10x20 20x30", "float32")
    assert row.time_ms == 2.0
    assert row.ratio_to_pytorch == 1.5
    assert row.bandwidth_gbps == pytest.approx(bytes_moved / 2e-3 / 1e9)
    assert row.tflops == pytest.approx(12000 / 2e-3 / 1e12)
    assert row.roofline_fraction == pytest.approx(bytes_moved / 100e9 / 2e-3)


def test_roofline_is_the_slower_of_moving_and_computing():
    assert MACHINE.roofline_ms(10**8, 10, torch.float32) == pytest.approx(1.0)
    assert MACHINE.roofline_ms(10, 10**9, torch.float32) == pytest.approx(1.0)
    assert MACHINE.roofline_ms(10, 10**9, torch.float64) == pytest.approx(2.0)


def test_results_are_a_table_with_the_documented_columns(tmp_path):
    row = Measurement("matmul", "2x3 3x4", "float32", 1.23456, 2.0, 3.0, 0.5, 1.5, 1e-7, 2e-7)
    write_results(tmp_path / "gpu.csv", [row])
    with (tmp_path / "gpu.csv").open() as stream:
        (read,) = csv.DictReader(stream)

    assert list(read) == [
        "op",
        "shape",
        "dtype",
        "time_ms",
        "bandwidth_gbps",
        "tflops",
        "roofline_fraction",
        "ratio_to_pytorch",
        "error_float64",
        "error_pytorch_float64",
    ]
    assert read["time_ms"] == "1.235"


def test_file_is_named_after_the_gpu():
    assert file_name("NVIDIA H200") == "nvidia-h200.csv"
    assert file_name("NVIDIA A100-SXM4-80GB") == "nvidia-a100-sxm4-80gb.csv"


def test_without_a_gpu_it_says_so_with_status_2():
    result = subprocess.run(
        [sys.executable, "benchmarks/kernels.py"],
        cwd=ROOT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "needs a CUDA GPU" in result.stderr
