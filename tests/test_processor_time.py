"""Training that ends when its time of the processor is used up."""

from course_utils import processor_time
from course_utils.callbacks import History


def test_stop_after_waits_for_its_time_and_keeps_it(monkeypatch):
    now, history = [5.0], History(total_steps=100)
    monkeypatch.setattr(processor_time.time, "process_time", lambda: now[0])
    stop = processor_time.StopAfter(2.0)
    for now[0], end in ((6.5, 100), (7.0, 7)):
        history.seconds.append(100.0)
        history.step.append(7)
        stop(None, history)
        assert history.total_steps == end
    assert history.seconds == [1.5, 2.0]
