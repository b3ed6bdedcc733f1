"""What every process of ``launch.in_processes`` runs: join the others, do the jobs, leave the results in a file."""

import datetime
import json
import os
import sys
import traceback
from pathlib import Path

import torch
import torch.distributed as dist

from course_utils.distributed.places import Place, average_gradients


def main(work) -> None:
    """``work(place, **job)`` for every job of ``jobs.json`` beside the script; results to ``result_<rank>.pt``."""
    folder = Path(sys.argv[0]).resolve().parent
    order = json.loads((folder / "jobs.json").read_text(encoding="utf-8"))
    rank = int(os.environ["RANK"])
    try:
        dist.init_process_group("gloo", timeout=datetime.timedelta(seconds=order["patience"]))
        dist.barrier()
    except Exception:  # noqa: BLE001 - whatever keeps processes from meeting is told
        (folder / f"alone_{rank}.txt").write_text(traceback.format_exc(), encoding="utf-8")
        raise SystemExit(3) from None
    (folder / f"met_{rank}").touch()
    torch.set_num_threads(1)
    place = Place(rank, dist.get_world_size(), average_gradients)
    try:
        torch.save([work(place, **job) for job in order["jobs"]], folder / f"result_{rank}.pt")
    except Exception:  # noqa: BLE001 - whatever the work raises is told by the one who asked for it
        (folder / f"error_{rank}.txt").write_text(traceback.format_exc(), encoding="utf-8")
        raise SystemExit(4) from None
    dist.barrier()  # nobody leaves while others still talk
    dist.destroy_process_group()
