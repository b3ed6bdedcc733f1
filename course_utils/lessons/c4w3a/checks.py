"""The checks of text to image: an encoder of captions, the contrastive loss, codes between captions, a round, a diagnosis."""

import torch

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import Fixed, call, normal, on_gpu
from course_utils.checks.naming import Naming
from course_utils.checks.networks import USUAL, network
from course_utils.lessons.c4w3a.exercises import CASES, NAMES, diagnose

exercise("c4w3a.caption_encoder", "course_utils.models.captions:CaptionEncoder",
    cases=(network(9, 5, 4, 6, inputs=(torch.tensor([[1, 2, 0], [3, 0, 0]]),)),), mistakes=())
exercise("c4w3a.contrastive_loss", "course_utils.captions.learning:contrastive_loss", cases=(call(normal(4, 3), normal(4, 3, seed=1)),), mistakes=())
exercise("c4w3a.interpolate", "course_utils.captions.learning:interpolate", cases=(call(normal(4, 3), normal(4, 3, seed=1), 0.3),), mistakes=())
from course_utils.checks import steps
exercise("c4w3a.matching_round", "course_utils.captions.learning:matching_round", cases=(call(normal(4, 3), normal(4, 3, seed=1), 0.3, any_error=True),), mistakes=())
_NAMED = Naming("run", CASES, NAMES, diagnose)
exercise("c4w3a.diagnose", "course_utils.lessons.c4w3a.exercises:diagnose", cases=(_NAMED.case,), mistakes=_NAMED.mistakes(against=lambda r, n: r))
