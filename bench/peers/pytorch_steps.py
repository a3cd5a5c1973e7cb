"""The paper's training steps in PyTorch, as ../paper_workloads.ts has them.

PGD-10 adversarial training on random images: vanilla AT of ResNet-18, and vanilla AT
and TRADES of a wide residual network, each with and without FRPAT, whose teacher, a
ResNet-18, is trained beside it. Attacks run in eval mode, training in train mode. The
networks are those that this project is compared with in its tests.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "fixtures"))
from models import ResNet, WideResNet  # noqa: E402

STEPS = ["R18 AT", "WRN AT", "WRN AT FRPAT", "WRN TRADES", "WRN TRADES FRPAT"]

CLASSES = 10
ATTACK_STEPS, EPSILON, STEP_SIZE = 10, 0.031, 0.007
BETA, RELATION = 6.0, 5.0
OPTIMIZER = {"lr": 0.01, "momentum": 0.9, "weight_decay": 2e-4}


def resnet18(strides: tuple[int, ...]) -> nn.Module:
    return ResNet((64, 128, 256, 512), strides, 2, CLASSES)


def divergence(target: Tensor, prediction: Tensor, reduction: str) -> Tensor:
    """KL(target || prediction) of logits; gradients flow through both."""
    log_p, log_q = F.log_softmax(target, 1), F.log_softmax(prediction, 1)
    return F.kl_div(log_q, log_p, reduction=reduction, log_target=True)


def relation(teacher: Tensor, student: Tensor) -> Tensor:
    """FRPAT's loss between features (N, D), the sum over ordered pairs."""
    itself = torch.eye(len(student), dtype=torch.bool, device=student.device)

    def neighbors(features: Tensor) -> Tensor:
        unit = features / (features.norm(dim=1, keepdim=True) + 1e-7)
        similarity = unit @ unit.T
        nearest = similarity.masked_fill(itself, -torch.inf).max(0).values
        affinity = (2.0 + similarity - nearest).masked_fill(itself, 0.0)
        # Pairs of a row with itself are set to what adds nothing and has no pole.
        return (affinity / affinity.sum(0)).masked_fill(itself, 0.5)

    p, q = neighbors(teacher.detach()), neighbors(student)
    near = p * (p.log() - q.log())
    far = (1 - p) * ((1 - p).log() - (1 - q).log())
    return (near + far).sum()


class PaperStep:
    """One training step, to be called again and again."""

    def __init__(self, name: str, device, compiled: bool, size) -> None:
        network, *method = name.split(" ")
        self.trades, self.frpat = "TRADES" in method, "FRPAT" in method
        student = (
            resnet18((1, 2, 2, 2))
            if network == "R18"
            else WideResNet(size.depth, size.width, CLASSES)
        )
        networks = [student]
        if self.frpat:
            networks.append(resnet18((1, 1, 2, 2)))
        networks = [each.to(device) for each in networks]
        self.optimizers = [
            torch.optim.SGD(each.parameters(), **OPTIMIZER) for each in networks
        ]
        self.student, *rest = [
            torch.compile(each) if compiled else each for each in networks
        ]
        self.teacher = rest[0] if rest else None
        self.images = torch.rand(size.batch, 3, 32, 32, device=device)
        self.labels = torch.randint(CLASSES, (size.batch,), device=device)

    def __call__(self) -> Tensor:
        adversarial = self.attack()
        self.student.train()
        loss = torch.zeros((), device=self.images.device)
        if self.trades:
            clean, _ = self.student(self.images)
            logits, features = self.student(adversarial)
            # The authors' code forwards the clean batch once more.
            clean_again, _ = self.student(self.images)
            loss = loss + F.cross_entropy(clean, self.labels)
            loss = loss + BETA * divergence(clean_again, logits, "batchmean")
        else:
            logits, features = self.student(adversarial)
            loss = loss + F.cross_entropy(logits, self.labels)
        if self.teacher is not None:
            self.teacher.train()
            taught, known = self.teacher(self.images)
            loss = loss + F.cross_entropy(taught, self.labels)
            loss = loss + RELATION * relation(known, features)
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.detach()

    def attack(self) -> Tensor:
        """PGD-10 on cross-entropy, or on TRADES' divergence from clean logits."""
        self.student.eval()
        images = self.images
        if self.trades:
            with torch.no_grad():
                clean, _ = self.student(images)
            x = images + 0.001 * torch.randn_like(images)
        else:
            noise = torch.empty_like(images).uniform_(-EPSILON, EPSILON)
            x = (images + noise).clamp(0, 1)
        for _ in range(ATTACK_STEPS):
            x.requires_grad_(True)
            logits, _ = self.student(x)
            surrogate = (
                divergence(clean, logits, "sum")
                if self.trades
                else F.cross_entropy(logits, self.labels, reduction="sum")
            )
            (gradient,) = torch.autograd.grad(surrogate, x)
            with torch.no_grad():
                moved = x + STEP_SIZE * gradient.sign()
                delta = (moved - images).clamp(-EPSILON, EPSILON)
                x = (images + delta).clamp(0, 1)
        return x
