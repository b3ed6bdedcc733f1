"""Answers to the initialisation and to the averaged generator."""

import torch
from torch import nn

from answers import Answers, filled
from course_utils.models.conv.dcgan import initialise
from course_utils.training import EMA as REFERENCE

INITIALISE, AVERAGE = W, E = Answers("c1w2.initialise"), Answers("c1w2.ema")
CONV, NORM = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear), (nn.BatchNorm1d, nn.BatchNorm2d)

# --- initialise ------------------------------------------------------------------------------------------------------


def init(weights=CONV, norms=NORM, std=0.02, gamma=1.0, gamma_std=0.02, bias=True, guard=True, fill=nn.init.normal_):
    """An answer with one thing done otherwise."""

    def initialise(module):
        if isinstance(module, weights):
            fill(module.weight, 0.0, std)
        elif isinstance(module, norms):
            nn.init.normal_(module.weight, gamma, gamma_std)
        else:
            return
        if bias and (not guard or module.bias is not None):
            nn.init.zeros_(module.bias)

    return initialise


@W.right
def by_name(m):
    """As in PyTorch's own DCGAN example, with the linear layers."""
    name = type(m).__name__
    if "Conv" in name or name == "Linear":
        m.weight.data.normal_(0.0, 0.02)
        if m.bias is not None:
            m.bias.data.fill_(0)
    elif "BatchNorm" in name:
        m.weight.data.normal_(1.0, 0.02)
        m.bias.data.fill_(0)


@W.right
@torch.no_grad()
def new_numbers(module):
    if isinstance(module, CONV):
        module.weight.copy_(0.02 * torch.randn_like(module.weight))
        if module.bias is not None:
            module.bias.zero_()
    if isinstance(module, NORM):
        module.weight.copy_(1 + 0.02 * torch.randn_like(module.weight))
        module.bias.zero_()


@W.right
def new_parameters(module):
    if isinstance(module, CONV + NORM):
        mean = 1.0 if isinstance(module, NORM) else 0.0
        module.weight = nn.Parameter(torch.normal(mean, 0.02, module.weight.shape))
        if module.bias is not None:
            module.bias = nn.Parameter(torch.zeros_like(module.bias))


W.right(init(), init(weights=(nn.modules.conv._ConvNd, nn.Linear), norms=nn.modules.batchnorm._BatchNorm))
W.wrong("does_nothing", lambda module: None, lambda module: torch.normal(0.0, 0.02, (3, 3)), init(weights=(), norms=()))


@W.wrong("does_nothing")
def binds_a_name(module):
    if isinstance(module, CONV):
        weight = module.weight
        weight = torch.randn_like(weight) * 0.02


@W.wrong("gamma_around_zero")
def the_slip(module):
    if isinstance(module, CONV + NORM):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


W.wrong("gamma_around_zero", init(gamma=0.0))
W.wrong("gamma_constant", init(gamma_std=0.0))
W.wrong("batchnorm_forgotten", init(norms=()), init(norms=(nn.BatchNorm2d,)), init(norms=(nn.BatchNorm1d,)))
W.wrong("variance_for_deviation", init(std=0.02**0.5), init(std=0.02**2))
W.wrong(
    "other_distribution",
    init(fill=lambda w, *_: nn.init.kaiming_normal_(w)),
    init(fill=lambda w, *_: nn.init.xavier_uniform_(w)),
    init(fill=lambda w, *_: nn.init.uniform_(w, -0.02, 0.02)),
    init(fill=lambda w, *_: nn.init.uniform_(w, -0.02 * 3**0.5, 0.02 * 3**0.5)),
    init(std=0.05),
)
W.wrong("deviation_forgotten", init(std=1.0), init(fill=lambda w, *_: nn.init.normal_(w, 0.02)))
W.wrong("around_one", init(fill=lambda w, *_: nn.init.normal_(w, 1.0, 0.02)))


@W.wrong("no_no_grad")
def in_the_open(module):
    if isinstance(module, CONV):
        module.weight.normal_(0.0, 0.02)


@W.wrong("tensor_for_parameter")
def a_plain_tensor(module):
    if isinstance(module, CONV):
        module.weight = 0.02 * torch.randn_like(module.weight)


def removes_biases(module):
    init()(module)
    if isinstance(module, CONV):
        module.bias = None


W.wrong("transposed_forgotten", init(weights=(nn.Conv2d, nn.Linear)))
W.wrong("linear_forgotten", init(weights=(nn.Conv2d, nn.ConvTranspose2d)))
W.wrong("fails_without_bias", init(guard=False))
W.wrong("biases_left", init(bias=False))


@W.wrong("biases_left")
def bias_of_norms_left(module):
    init()(module) if isinstance(module, CONV) else init(bias=False)(module)


@W.wrong("touches_others")
def whatever_has_a_weight(module):
    init()(module)
    if not isinstance(module, CONV + NORM) and getattr(module, "weight", None) is not None:
        nn.init.normal_(module.weight, 0.0, 0.02)


@W.wrong("touches_others")
def no_question(module):
    if isinstance(module, NORM):
        init()(module)
        return
    nn.init.normal_(module.weight, 0.0, 0.02)
    if module.bias is not None:
        nn.init.zeros_(module.bias)


@W.wrong("seeds_itself")
def same_numbers(module):
    torch.manual_seed(0)
    init()(module)


W.refused(
    removes_biases,
    lambda module: nn.init.normal_(module, 0.0, 0.02),
    init(gamma_std=0.2),
    init(gamma=2.0),
    init(fill=lambda w, *_: nn.init.constant_(w, 0.02)),
    lambda network: network.apply(init(weights=())),
    lambda: None,
    init(fill=lambda w, m, s: nn.init.normal_(w, 0.02, 0.02)),
)

# --- EMA -------------------------------------------------------------------------------------------------------------


def ema(body):
    """The learner's class with this body in place of the missing lines of ``update``."""
    return filled("c1w2.ema", body)


PAIRS = (
    "for mine, theirs in zip([*self.module.parameters(), *self.module.buffers()], [*module.parameters(), *module.buffers()]):\n"
)
TWICE = "for mine, theirs in zip(self.module.state_dict().values(), module.state_dict().values()):\n"


def merged(floats, counters="mine.copy_(theirs)", pairs=PAIRS):
    return ema(f"{pairs}    if mine.is_floating_point():\n        {floats}\n    else:\n        {counters}\n")


E.right(
    merged("mine.lerp_(theirs, 1 - decay)"),
    merged("mine.mul_(decay).add_(theirs, alpha=1 - decay)"),
    merged("mine.copy_(decay * mine + (1 - decay) * theirs)"),
    merged("mine += (1 - decay) * (theirs - mine)"),
    ema("""
        for mine, theirs in zip(self.module.parameters(), module.parameters()):
            mine.data = decay * mine.data + (1 - decay) * theirs.data
        for mine, theirs in zip(self.module.buffers(), module.buffers()):
            if mine.dtype.is_floating_point:
                mine.mul_(decay).add_((1 - decay) * theirs)
            else:
                mine.copy_(theirs)
        """),
    ema("""
        state = module.state_dict()
        mixed = {
            name: decay * mine + (1 - decay) * state[name] if mine.is_floating_point() else state[name]
            for name, mine in self.module.state_dict().items()
        }
        self.module.load_state_dict(mixed)
        """),
)


@E.right
class Own:
    """Written from nothing, with the same names."""

    def __init__(self, module, decay=0.999):
        import copy

        self.module = copy.deepcopy(module).eval()
        for p in self.module.parameters():
            p.requires_grad = False
        self.decay, self.updates = decay, 0

    def update(self, module):
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        with torch.no_grad():
            theirs = module.state_dict()
            done = set()
            for name, mine in self.module.state_dict().items():
                if mine.data_ptr() in done:
                    continue
                done.add(mine.data_ptr())
                mixed = decay * mine.double() + (1 - decay) * theirs[name].double()
                mine.copy_(mixed if mine.is_floating_point() else theirs[name])


E.wrong(
    "changes_module",
    merged("theirs.lerp_(mine, decay)"),
    merged("theirs.mul_(1 - decay).add_(mine, alpha=decay); mine.copy_(theirs)"),
)
E.wrong(
    "shares_tensors",
    ema("""
        for mine, theirs in zip(self.module.parameters(), module.parameters()):
            mine.data = theirs.data
        """),
    ema("self.module = module"),
)
E.wrong(
    "never_moves",
    merged("mine = decay * mine + (1 - decay) * theirs"),
    merged("mine.lerp(theirs, 1 - decay)"),
    ema("pass"),
)
E.wrong("only_copied", merged("mine.copy_(theirs)"), ema("self.module.load_state_dict(module.state_dict())"))
E.wrong(
    "shares_swapped",
    merged("mine.lerp_(theirs, decay)"),
    merged("mine.copy_((1 - decay) * mine + decay * theirs)"),
    merged("mine.lerp_(theirs, self.decay)"),
)
E.wrong("sum_not_average", merged("mine.mul_(decay).add_(theirs)"))
E.wrong("no_ramp", merged("mine.lerp_(theirs, 1 - self.decay)"))
E.wrong(
    "buffers_forgotten",
    ema("""
        for mine, theirs in zip(self.module.parameters(), module.parameters()):
            mine.lerp_(theirs, 1 - decay)
        """),
)
E.wrong(
    "buffers_copied",
    ema("""
        for mine, theirs in zip(self.module.parameters(), module.parameters()):
            mine.lerp_(theirs, 1 - decay)
        for mine, theirs in zip(self.module.buffers(), module.buffers()):
            mine.copy_(theirs)
        """),
)
WEIGHTS = "for mine, theirs in zip(self.module.parameters(), module.parameters()):\n    "
E.wrong("shares_swapped", ema(WEIGHTS + "mine.lerp_(theirs, decay)"))
E.wrong("no_ramp", ema(WEIGHTS + "mine.lerp_(theirs, 1 - self.decay)"))
E.wrong("average_kept_whole", merged("mine.add_(theirs, alpha=1 - decay)"))
E.wrong(
    "counter_averaged",
    ema(f"{PAIRS}    mine.lerp_(theirs, 1 - decay)\n"),
    ema(f"{PAIRS}    mine.mul_(decay).add_(theirs, alpha=1 - decay)\n"),
)
E.wrong("counter_not_copied", merged("mine.lerp_(theirs, 1 - decay)", "pass"))
E.refused(
    merged("mine.lerp_(theirs, (1 - decay) / 2)"),
    ema("self.module.train(); " + "self.module.load_state_dict(module.state_dict())"),
    ema(f"{PAIRS}    if mine.is_floating_point():\n        mine.lerp_(theirs, 1 - decay)\nmodule.eval()"),
    lambda module, decay: REFERENCE(module, decay).module,
)


@W.wrong("bias_removed")
def takes_the_bias_away(module):
    initialise(module)
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        module.bias = None


@W.wrong("cannot_learn")
def freezes_what_it_fills(module):
    initialise(module)
    module.requires_grad_(False)


@W.wrong("other_gamma")
def a_wider_gamma(module):
    initialise(module)
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.2)


@E.wrong("not_in_evaluation_mode")
class BackInTrainingMode(REFERENCE):
    def update(self, module):
        super().update(module)
        self.module.train()


# --- answers that were new to the tables -------------------------------------------------------------------------------


def by_the_book(module):
    """PyTorch's own DCGAN example: no linear layers, no biases of convolutions."""
    name = module.__class__.__name__
    if name.find("Conv") != -1:
        nn.init.normal_(module.weight.data, 0.0, 0.02)
    elif name.find("BatchNorm") != -1:
        nn.init.normal_(module.weight.data, 1.0, 0.02)
        nn.init.constant_(module.bias.data, 0)


W.wrong("linear_forgotten", by_the_book)
W.wrong("biases_left", by_the_book)


@W.wrong("kinds_left")
def by_exact_type(module):
    if type(module) in (nn.Conv2d, nn.Linear, nn.BatchNorm2d):
        init()(module)


W.wrong(
    "other_distribution", init(fill=lambda w, m, s: nn.init.normal_(w, s, m)), init(fill=lambda w, *_: w.data.zero_())
)
W.wrong("other_gamma", init(gamma=0.02, gamma_std=1.0))


@W.refused
def a_single_number(module):
    init()(module)
    if isinstance(module, CONV):
        module.weight.data = torch.normal(0.0, 0.02, size=(1,))


@W.right
def in_a_loop(module):
    if isinstance(module, CONV + NORM):
        for name, p in module.named_parameters(recurse=False):
            nn.init.zeros_(p) if name == "bias" else nn.init.normal_(p, float(isinstance(module, NORM)), 0.02)


E.wrong("moves_away", merged("mine.sub_((1 - decay) * (theirs - mine))"))
E.wrong("same_share_twice", merged("mine.mul_(decay).add_(theirs * decay)"))
E.wrong("plain_mean", merged("mine.copy_((mine + theirs) / 2)"))
E.wrong("ramp_again", merged("mine.lerp_(theirs, 1 - min(self.decay, (1 + self.updates) / (10 + self.updates)))"))
E.wrong("counter_not_copied", ema(f"{PAIRS}    mine.copy_(decay * mine.float() + (1 - decay) * theirs.float())"))
COPIED = "for mine, theirs in zip(self.module.buffers(), module.buffers()):\n    mine.copy_(theirs)\n"
E.wrong("never_moves", ema(COPIED + f"{PAIRS}    mine = decay * mine + (1 - decay) * theirs"))

E.wrong(
    "shared_twice",
    merged("mine.lerp_(theirs, 1 - decay)", pairs=TWICE),
    merged("mine.mul_(decay).add_(theirs, alpha=1 - decay)", pairs=TWICE),
    merged("mine.copy_(decay * mine + (1 - decay) * theirs)", pairs=TWICE),
    merged("mine += (1 - decay) * (theirs - mine)", pairs=TWICE),
    merged("mine.lerp_(theirs, decay)", pairs=TWICE),  # and the shares are exchanged
)
E.wrong("shares_swapped", merged("mine.lerp_(theirs, decay)", pairs=TWICE))
E.wrong("no_ramp", merged("mine.lerp_(theirs, 1 - self.decay)", pairs=TWICE))
E.wrong("sum_not_average", merged("mine.mul_(decay).add_(theirs)", pairs=TWICE))
E.wrong("counter_not_copied", merged("mine.lerp_(theirs, 1 - decay)", "pass", pairs=TWICE))
E.wrong("counter_averaged", ema(f"{TWICE}    mine.lerp_(theirs, 1 - decay)\n"))

BUFFERS = "for mine, theirs in zip(self.module.buffers(), module.buffers()):\n    if mine.is_floating_point():\n"
BUFFERS += "        mine.lerp_(theirs, 1 - decay)\n    else:\n        mine.copy_(theirs)"
E.wrong("frozen_left_out", ema(f"{WEIGHTS}if theirs.requires_grad:\n        mine.lerp_(theirs, 1 - decay)\n{BUFFERS}"))
E.wrong("never_moves", ema(f"{WEIGHTS}mine = mine * decay + theirs * (1 - decay)\n{BUFFERS}"))
E.wrong("shares_swapped", ema(f"{WEIGHTS}mine.data = theirs.data * decay + mine.data * (1 - decay)\n{BUFFERS}"))
E.wrong("sum_not_average", ema(f"{WEIGHTS}mine.mul_(decay).add_(theirs)\n{BUFFERS}"))
E.wrong("no_ramp", ema(f"{WEIGHTS}mine.lerp_(theirs, 1 - decay)\n{BUFFERS.replace('decay', 'self.decay')}"))
