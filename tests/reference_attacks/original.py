"""Runs the original AutoAttack on a run of this project, for `compare.ts`.

    python original.py AUTO_ATTACK RUN DATA < JOB.json > RESULT.json

RUN is the folder of a run of a ResNet-8 on CIFAR-10, DATA that of CIFAR-10's binary
files. Where there is no test_batch.bin, the test images are the last tenth of the
training images but no more than 1,008, as the run's notes say. `jobs.ts` says what
jobs and results are. Needs PyTorch and the package safetensors.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))
import models  # noqa: E402

RECORD = 3073
NORMS = {"linf": "Linf", "l2": "L2"}


class Logits(torch.nn.Module):
    """A network of `models.py` without its features."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)[0]


def load_network(run: Path) -> torch.nn.Module:
    """The student of the run's best checkpoint, in eval mode."""
    tensors = load_file(run / "best.safetensors")
    prefix = "student."
    state = {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
    width = len(state["conv1.weight"])
    network = models.ResNet((width, 2 * width, 4 * width), (1, 2, 2), 1, 10)
    missing, unexpected = network.load_state_dict(state, strict=False)
    counters = [name for name in missing if not name.endswith("num_batches_tracked")]
    assert not counters and not unexpected, (counters, unexpected)
    return Logits(folded(network.eval())).requires_grad_(False)


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


def is_broken(network, x, y) -> list[bool]:
    with torch.no_grad():
        return (network(x).argmax(1) != y).tolist()


def verdicts(network, x, y, job) -> list[str | None]:
    """The attack that breaks each image, in the standard version."""
    from autoattack import AutoAttack

    x, y = x[job["images"]], y[job["images"]]
    adversary = AutoAttack(
        network, norm=NORMS[job["norm"]], eps=job["epsilon"], seed=job["seed"],
        device="cpu", verbose=False,
    )  # fmt: skip
    wrong = is_broken(network, x, y)
    found: list[str | None] = ["clean" if is_wrong else None for is_wrong in wrong]
    for attack in list(adversary.attacks_to_run):
        left = [i for i, by in enumerate(found) if by is None]
        if not left:
            break
        adversary.attacks_to_run = [attack]
        moved = adversary.run_standard_evaluation(x[left], y[left], bs=250)
        for i, broken in zip(left, is_broken(network, moved, y[left])):
            if broken:
                found[i] = attack
        robust = sum(by is None for by in found)
        print(f"original: {job['norm']} {attack} {robust}", file=sys.stderr)
    return found


def member(network, job, seed):
    """One attack of AutoAttack, with the numbers that the standard version gives it."""
    from autoattack.autopgd_base import APGDAttack, APGDAttack_targeted
    from autoattack.fab_pt import FABAttack_PT
    from autoattack.other_utils import Logger
    from autoattack.square import SquareAttack

    class RandomStarts(FABAttack_PT):
        """FAB whose first search starts at random, as only later ones do."""

        def attack_single_run(self, x, y, use_rand_start, is_targeted):
            return super().attack_single_run(x, y, True, is_targeted)

    budget = job["budget"]
    ball = {"norm": NORMS[job["norm"]], "eps": job["epsilon"]}
    common = {**ball, "n_restarts": 1, "seed": seed, "device": "cpu"}
    steps, targets = {"n_iter": budget["steps"]}, budget["targets"]
    fab = {**common, **steps, "targeted": True, "n_target_classes": targets}
    logger = Logger(None)
    make = {
        "apgd-ce": lambda: APGDAttack(
            network, **common, **steps, loss="ce", logger=logger
        ),
        "apgd-t": lambda: APGDAttack_targeted(
            network, **common, **steps, n_target_classes=targets, logger=logger
        ),
        "fab-t": lambda: FABAttack_PT(network, **fab),
        "fab-t random": lambda: RandomStarts(network, **fab),
        "square": lambda: SquareAttack(
            network, **common, n_queries=budget["queries"], resc_schedule=False
        ),
    }
    return make[job["member"]]()


def seeds(network, x, y, job) -> list[list[bool]]:
    """Whether an attack alone breaks each image, by seed."""
    x, y = x[job["images"]], y[job["images"]]
    found = []
    for seed in job["seeds"]:
        moved = member(network, job, seed).perturb(x.clone(), y.clone())
        found.append(is_broken(network, moved, y))
    return found


def about(auto_attack: Path) -> dict:
    command = ["git", "-C", str(auto_attack), "rev-parse", "--short=7", "HEAD"]
    revision = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return {"torch": torch.__version__, "revision": revision or "unknown"}


def main() -> None:
    auto_attack, run, data = (Path(argument) for argument in sys.argv[1:])
    sys.path.insert(0, str(auto_attack))
    job = json.load(sys.stdin)
    if job["kind"] == "about":
        result = about(auto_attack)
    else:
        network = load_network(run)
        x, y = load_images(data)
        torch.manual_seed(0)
        result = {"verdicts": verdicts, "seeds": seeds}[job["kind"]](network, x, y, job)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
