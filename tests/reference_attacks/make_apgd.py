"""Makes ../fixtures/apgd.safetensors: how the original Auto-PGD sets its step sizes.

    git clone https://github.com/fra31/auto-attack    # a392200 was used
    python make_apgd.py AUTO_ATTACK

The authors' `attack_single_run` on ResNet-8 with the fixtures' weights, in float32 as
the authors have it: 8 images of noise, labeled as the network classifies them, 100
steps. Linf: epsilon 8/255 from the fixtures' uniform start; L2: epsilon 0.5 from the
images. On the cross-entropy, and on the targeted ratio towards the second class.

Stored are the step size of every image after each of the first seven checkpoints, read
from the running function where it looks for oscillation, over the epsilon; the largest
loss in the end; and whether the image was broken.
"""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))
import models  # noqa: E402
import rebuild  # noqa: E402
import store  # noqa: E402

DRAW = 7
BATCH = 8
EPSILON = {"Linf": 8 / 255, "L2": 0.5}


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    from autoattack.autopgd_base import APGDAttack, APGDAttack_targeted

    network = rebuild.rebuild(models.resnet8(), torch.float32).eval()
    x = rebuild.images(BATCH, torch.float32, DRAW)

    def logits(images: torch.Tensor) -> torch.Tensor:
        return network(images)[0]

    with torch.no_grad():
        order = logits(x).argsort(dim=1, descending=True)
    y = order[:, 0]
    tensors = {"draw": torch.tensor(DRAW), "labels": y}
    for norm, epsilon in EPSILON.items():
        start = rebuild.uniform_start(x, epsilon, DRAW) if norm == "Linf" else x
        for loss in ["ce", "dlr-targeted"]:
            options = dict(n_iter=100, norm=norm, eps=epsilon, seed=0, device="cpu")
            if loss == "ce":
                attack = APGDAttack(logits, loss="ce", **options)
            else:
                attack = APGDAttack_targeted(logits, **options)
                attack.y_target = order[:, 1]
            attack.init_hyperparam(x)
            checks = []
            original = attack.check_oscillation

            def check(*args, **kwargs):
                sizes = sys._getframe(1).f_locals["step_size"]
                checks.append(sizes.flatten().clone() / epsilon)
                return original(*args, **kwargs)

            attack.check_oscillation = check
            _, right, best, _ = attack.attack_single_run(x, y, x_init=start)
            key = f"{norm.lower()}/{loss}"
            # What a checkpoint sees is what the one before it has left.
            tensors[f"{key}/step_sizes"] = torch.stack(checks[1:])
            tensors[f"{key}/best_loss"] = best
            tensors[f"{key}/robust"] = right.float()
    store.save("apgd", tensors, "the original Auto-PGD on ResNet-8 in eval mode")


if __name__ == "__main__":
    main()
