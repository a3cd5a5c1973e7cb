"""The benchmark's workloads in PyTorch, the peer on machines with CUDA.

    python3 pytorch.py [W2 W4 …]                    prints a table of all variants
    python3 pytorch.py --serve W4 --tf32 --compile  answers a race in lines of JSON
    python3 pytorch.py --paper                      the paper's training steps
    python3 pytorch.py --device cpu --batch 4 --depth 10 --width 1 "WRN TRADES"

Shapes are those of ../inputs.ts, with random inputs of its own. Float32 means
float32: TF32 is off unless it is asked for. Layouts are PyTorch's defaults, and
cuDNN may look for its fastest algorithm before anything is timed.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time

# On a processor, threads that wait for each other shall sleep: spinning would count
# as work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn as nn
import torch.nn.functional as F

import pytorch_steps

WORKLOADS = ["W1", "W2", "W2b", "W3 dX", "W3 dW", "F", "W4", "W5"]
BATCH = 64
STEPS, EPSILON, STEP_SIZE = 10, 8 / 255, 2 / 255


class BasicBlock(nn.Module):
    """relu(bn(conv(relu(bn(conv(x))))) + shortcut(x))."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                nn.BatchNorm2d(outputs),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


def resnet8(width: int = 16) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, width, 3, 1, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        BasicBlock(width, width, 1),
        BasicBlock(width, 2 * width, 2),
        BasicBlock(2 * width, 4 * width, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4 * width, 10),
    )


class Contender:
    """The workloads on one device, in one variant."""

    def __init__(self, tf32: bool, compiled: bool, options) -> None:
        self.device = torch.device(options.device)
        self.compiled = compiled
        self.size = options
        torch.manual_seed(1)
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = tf32
        torch.backends.cuda.matmul.allow_tf32 = tf32

    def describe(self) -> str:
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return f"processor, {torch.get_num_threads()} threads"

    def finish(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def prepare(self, workload: str):
        """A function that does the workload once."""
        if workload in pytorch_steps.STEPS:
            return pytorch_steps.PaperStep(
                workload, self.device, self.compiled, self.size
            )
        if workload == "W1":
            a, b = self.random(1024, 1024), self.random(1024, 1024)
            return self.compile(lambda: a @ b)
        if workload in ("W2", "W2b", "W3 dX", "W3 dW"):
            return self.convolution(workload)
        images = torch.rand(BATCH, 3, 32, 32, device=self.device)
        labels = torch.randint(10, (BATCH,), device=self.device)
        network = resnet8().to(self.device)
        return {"F": self.forward, "W4": self.step, "W5": self.attack}[
            workload
        ](network, images, labels)

    def random(self, *shape: int) -> torch.Tensor:
        return 2 * torch.rand(shape, device=self.device) - 1

    def compile(self, function):
        return torch.compile(function) if self.compiled else function

    def convolution(self, workload: str):
        channels, side = (256, 8) if workload == "W2b" else (64, 32)
        x = self.random(32, channels, side, side)
        w = self.random(channels, channels, 3, 3)
        dy = self.random(32, channels, side, side)
        if workload == "W3 dX":
            gradient = torch.nn.grad.conv2d_input
            return self.compile(lambda: gradient(x.shape, w, dy, padding=1))
        if workload == "W3 dW":
            gradient = torch.nn.grad.conv2d_weight
            return self.compile(lambda: gradient(x, w.shape, dy, padding=1))
        return self.compile(lambda: F.conv2d(x, w, padding=1))

    def forward(self, network, images, labels):
        network.eval()
        compute = self.compile(network)

        def run() -> torch.Tensor:
            with torch.no_grad():
                return compute(images)

        return run

    def step(self, network, images, labels):
        compute = self.compile(network)
        optimizer = torch.optim.SGD(
            network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4
        )

        def run() -> torch.Tensor:
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(compute(images), labels)
            loss.backward()
            optimizer.step()
            return loss

        return run

    def attack(self, network, images, labels):
        network.eval()
        compute = self.compile(network)

        def run() -> torch.Tensor:
            x = images.clone()
            for _ in range(STEPS):
                x.requires_grad_(True)
                loss = F.cross_entropy(compute(x), labels, reduction="sum")
                (gradient,) = torch.autograd.grad(loss, x)
                with torch.no_grad():
                    moved = x + STEP_SIZE * gradient.sign()
                    delta = (moved - images).clamp(-EPSILON, EPSILON)
                    x = (images + delta).clamp(0, 1)
            return x

        return run


def timed(contender: Contender, run, runs: int) -> dict:
    """Milliseconds per run: of the clock, and of the processor's cores."""
    contender.finish()
    processor, start = time.process_time(), time.perf_counter()
    for _ in range(runs):
        run()
    contender.finish()
    wall = time.perf_counter() - start
    busy = (time.process_time() - processor) / torch.get_num_threads()
    return {
        "kind": "time",
        "wall": 1000 * wall / runs,
        "processor": 1000 * busy / runs,
    }


def serve(contender: Contender, workload: str) -> None:
    """Answers the race: ready when the first run is done, then asked for more."""
    start = time.perf_counter()
    run = contender.prepare(workload)
    run()
    contender.finish()
    say(
        {
            "kind": "ready",
            "device": contender.describe(),
            "first": 1000 * (time.perf_counter() - start),
            "answer": None,
        }
    )
    for line in sys.stdin:
        say(timed(contender, run, int(line)))


def say(message: dict) -> None:
    print(json.dumps(message), flush=True)


def table(workloads: list[str], options) -> None:
    """Prints the median of five times of every variant."""
    variants = list(itertools.product([False, True], [False, True]))
    names = [
        f"{'tf32' if tf32 else 'fp32'} {'compiled' if compiled else 'eager'}"
        for tf32, compiled in variants
    ]
    described = Contender(False, False, options).describe()
    print(f"{described}, torch {torch.__version__}")
    print("ms".ljust(16), *(name.rjust(14) for name in names))
    for workload in workloads:
        cells = []
        for tf32, compiled in variants:
            contender = Contender(tf32, compiled, options)
            run = contender.prepare(workload)
            once = [timed(contender, run, 1)["wall"] for _ in range(3)][-1]
            runs = max(1, min(100, round(200 / once)))
            times = [timed(contender, run, runs)["wall"] for _ in range(5)]
            cells.append(f"{statistics.median(times):14.3f}")
        print(workload.ljust(16), *cells, flush=True)


def main() -> None:
    every = [*WORKLOADS, *pytorch_steps.STEPS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("workloads", nargs="*", choices=[*every, []])
    parser.add_argument("--serve", choices=every)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tf32", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--paper", action="store_true")
    parser.add_argument("--batch", type=int, default=128, help="of the paper's steps")
    parser.add_argument("--depth", type=int, default=34, help="of the WRN")
    parser.add_argument("--width", type=int, default=10, help="of the WRN")
    options = parser.parse_args()
    if options.serve is None:
        known = pytorch_steps.STEPS if options.paper else WORKLOADS
        table(options.workloads or known, options)
        return
    contender = Contender(options.tf32, options.compile, options)
    serve(contender, options.serve)


if __name__ == "__main__":
    main()
