"""Runs the original Square in the L2 ball on a linear network: `run_square.py AUTO_ATTACK`.

32 images of 16 x 16 pixels and four classes, rebuilt as `../support/linear_classifier.ts`
draws them; epsilon 0.7, 200 queries, seeds 1 to 4. Prints how many images each seed breaks.
"""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
from philox import uniform  # noqa: E402

CLASSES, COUNT, SIDE = 4, 32, 16
SIZE = 3 * SIDE * SIDE


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    from autoattack.square import SquareAttack

    draw = uniform(CLASSES * SIZE, seed=5, stream="weight", step=CLASSES)
    weights = torch.from_numpy((2 * draw - 1).astype(np.float32)).view(CLASSES, SIZE)
    draw = uniform(COUNT * SIZE, seed=6, stream="images", step=0)
    rows = torch.from_numpy((0.3 + 0.4 * draw).astype(np.float32))
    images = rows.view(COUNT, SIDE, SIDE, 3).permute(0, 3, 1, 2).contiguous()

    def logits(x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).reshape(len(x), SIZE) @ weights.T

    labels = logits(images).argmax(1)
    for seed in range(1, 5):
        attack = SquareAttack(
            logits, norm="L2", eps=0.7, n_queries=200, p_init=0.8, seed=seed,
            loss="margin", resc_schedule=False, device="cpu",
        )  # fmt: skip
        attack.init_hyperparam(images)
        torch.manual_seed(seed)
        with torch.no_grad():
            found = attack.attack_single_run(images, labels)[1]
            print(seed, (logits(found).argmax(1) != labels).sum().item())


if __name__ == "__main__":
    main()
