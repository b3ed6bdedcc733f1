"""Messages from a front end to a widget while the cell that shows it is busy.

A kernel runs one cell at a time, and a message from a widget waits behind it like any other. That is too late for a
stop button. There are two ways past the running cell, and which one is open depends on front end and kernel:

- JupyterLab 4.4 and Notebook 7.4 on ipykernel 7 send what widgets say to a thread of its own (a *subshell*). Nothing
  has to be done for this up to ipykernel 7.3; see ``hear_while_busy`` for later ones.
- Elsewhere (VS Code, Colab, older versions) it arrives in the queue of the main thread. ``deliver`` looks through that
  queue from within the running cell.
"""

import threading


def hear_while_busy(widget) -> None:
    """Let messages to ``widget`` be handled on the thread to which the front end sends them.

    ipykernel 7.4 redirects them to the thread that wrote to the widget last, so that code which waits for an answer
    gets it. That thread is the busy one here, and nobody waits for an answer.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = None  # ipykernel asks for it with getattr and a default of None


def deliver(widget) -> None:
    """Handle the messages to ``widget`` that wait for the running cell to end; all others keep their place.

    For a loop in the main thread of a notebook's kernel. Elsewhere, and where the kernel is of another make, it does
    nothing.
    """
    kernel = getattr(_shell(), "kernel", None)
    stream = _queue(kernel)
    usual = getattr(stream, "_recv_callback", None)
    if usual is None or threading.current_thread() is not threading.main_thread():
        return
    import zmq

    ours = []

    def sort(frames):
        message = _message_to(widget, kernel.session, frames)
        return ours.append(message) if message else usual(frames)

    stream.on_recv(sort, copy=False)
    try:
        stream.flush(zmq.POLLIN)
    finally:
        stream.on_recv(usual, copy=False)
    for message in ours:
        widget._handle_msg(message)


def _queue(kernel):
    """The stream on which requests reach the main thread; None where there is none."""
    thread = getattr(kernel, "shell_channel_thread", None)  # since ipykernel 7
    if thread is not None:
        return thread.manager.get_shell_channel_to_subshell_pair(None).to_stream
    return getattr(kernel, "shell_stream", None)


def _message_to(widget, session, frames) -> dict | None:
    """The message in these frames when it is one to ``widget``, else None."""
    _, parts = session.feed_identities(frames, copy=False)
    message = session.deserialize(parts, content=False, copy=False)  # without content: a look that leaves no trace
    if message["header"]["msg_type"] != "comm_msg":
        return None
    message["content"] = session.unpack(message["content"])
    return message if message["content"]["comm_id"] == widget.comm.comm_id else None


def running_cell() -> tuple[str, str]:
    """The front end's name of the cell that runs, and the name of this run of it; both empty where nobody knows."""
    kernel = getattr(_shell(), "kernel", None)
    request = kernel.get_parent() if kernel else {}
    return request.get("metadata", {}).get("cellId", ""), request.get("header", {}).get("msg_id", "")


def _shell():
    from IPython import get_ipython

    return get_ipython()
