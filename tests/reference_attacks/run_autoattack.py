"""Runs the original AutoAttack on a run of this project, for a comparison of verdicts.

    git clone https://github.com/fra31/auto-attack    # a392200 was compared
    python run_autoattack.py AUTO_ATTACK RUN DATA OUT.json [--norm L2 --epsilon 0.5]

RUN is the folder of a run of a ResNet-8 on CIFAR-10, DATA that of CIFAR-10's binary
files. Where there is no test_batch.bin, the test images are the last tenth of the
training images but no more than 1,008, as the run's notes say. OUT.json gets, for every
test image, the first attack that broke it, "clean" where it was wrong before, or null;
and how many images the Square attack broke within some numbers of queries, among the
first 100 that are right.
"""

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))
import models  # noqa: E402

RECORD = 3073
ATTACKS = ["apgd-ce", "apgd-t", "fab-t", "square"]
QUERIES = [0, 10, 20, 50, 100, 200, 400]
CURVE_IMAGES = 100


class Logits(torch.nn.Module):
    """A network of `models.py` without its features."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)[0]


def load_network(run: Path, width: int) -> torch.nn.Module:
    """The student of the run's best checkpoint, in eval mode."""
    tensors = load_file(run / "best.safetensors")
    prefix = "student."
    state = {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
    network = models.ResNet((width, 2 * width, 4 * width), (1, 2, 2), 1, 10)
    missing, unexpected = network.load_state_dict(state, strict=False)
    counters = [name for name in missing if not name.endswith("num_batches_tracked")]
    assert not counters and not unexpected, (counters, unexpected)
    return Logits(folded(network.eval()))


def folded(network: torch.nn.Module) -> torch.nn.Module:
    """The same function with every batch norm folded into its convolution: faster."""
    for module in list(network.modules()):
        for conv, norm in [("conv1", "bn1"), ("conv2", "bn2"), ("0", "1")]:
            parts = dict(module.named_children())
            if isinstance(parts.get(norm), torch.nn.BatchNorm2d):
                setattr(module, conv, fuse_conv_bn_eval(parts[conv], parts[norm]))
                setattr(module, norm, torch.nn.Identity())
    return network


def load_images(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Test images (N, 3, 32, 32) in [0, 1] and labels."""
    test = folder / "test_batch.bin"
    files = [test] if test.exists() else sorted(folder.glob("data_batch_*.bin"))
    records = np.concatenate(
        [np.fromfile(file, np.uint8).reshape(-1, RECORD) for file in files]
    )
    if not test.exists():
        records = records[-1008:]
    images = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).copy())
    return images.float() / 255, torch.from_numpy(records[:, 0].astype(np.int64))


def verdicts(adversary, network, x, y, kept, keep) -> list[str | None]:
    """The attack that breaks each image, in the order of the standard version.

    Goes on from what is kept, and keeps what is found after every attack.
    """
    found: list[str | None] = kept.get("broken_by", [None] * len(y))
    with torch.no_grad():
        right = network(x).argmax(1) == y
    for i in (~right).nonzero().flatten().tolist():
        found[i] = "clean"
    done = kept.get("done", [])
    for attack in ATTACKS:
        if attack in done:
            continue
        left = [i for i, by in enumerate(found) if by is None]
        if not left:
            break
        adversary.attacks_to_run = [attack]
        moved = adversary.run_standard_evaluation(x[left], y[left], bs=250)
        with torch.no_grad():
            broken = network(moved).argmax(1) != y[left]
        for i, is_broken in zip(left, broken.tolist()):
            if is_broken:
                found[i] = attack
        print(attack, sum(by is None for by in found), flush=True)
        done = done + [attack]
        keep({"broken_by": found, "done": done})
    return found


def square_curve(adversary, network, x, y) -> list[int]:
    """Images broken within each number of queries after the first."""
    with torch.no_grad():
        right = (network(x).argmax(1) == y).nonzero().flatten()[:CURVE_IMAGES]
    square = adversary.square
    square.n_queries, queries = max(QUERIES), square.n_queries
    square.init_hyperparam(x)
    torch.manual_seed(0)
    taken, best = square.attack_single_run(x[right], y[right])
    square.n_queries = queries
    with torch.no_grad():
        broken = network(best).argmax(1) != y[right]
    # The start is a query as well.
    return [int((broken & (taken - 1 <= queries)).sum()) for queries in QUERIES]


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ["auto_attack", "run", "data", "out"]:
        parser.add_argument(name, type=Path)
    parser.add_argument("--norm", default="Linf")
    parser.add_argument("--epsilon", type=Fraction, default=Fraction(8, 255))
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--no-curve", action="store_true")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--limit", type=int, default=1_000_000)
    args = parser.parse_args()
    sys.path.insert(0, str(args.auto_attack))
    from autoattack import AutoAttack

    network = load_network(args.run, args.width)
    chosen = slice(args.first, args.first + args.limit)
    x, y = (part[chosen] for part in load_images(args.data))
    epsilon = float(args.epsilon)
    adversary = AutoAttack(
        network, norm=args.norm, eps=epsilon, seed=0, device="cpu", verbose=False
    )
    result = {"norm": args.norm, "epsilon": str(args.epsilon), "first": args.first}
    if not args.no_curve:
        result["queries"] = QUERIES
        result["square_curve"] = square_curve(adversary, network, x, y)

    def keep(found: dict) -> None:
        args.out.write_text(json.dumps(result | found))

    kept = json.loads(args.out.read_text()) if args.out.exists() else {}
    verdicts(adversary, network, x, y, kept, keep)


if __name__ == "__main__":
    main()
