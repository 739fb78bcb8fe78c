"""Run by the *peer's* Python, never by ours: times its EXI codec, a JSON line in, one out."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

from iso15118.shared.exificient_exi_codec import ExificientEXICodec  # type: ignore[import-not-found]

WARM_UP = 20  # calls before anything is timed: the virtual machine compiles what is hot

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever the codec prints must not get between the answers
codec = ExificientEXICodec()


def microseconds(work: Callable[[], object], times: int) -> float:
    """Return the median of so many runs."""
    for _ in range(WARM_UP):
        work()
    samples = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        samples.append((time.perf_counter() - begun) * 1e6)
    return median(samples)


for line in sys.stdin:
    request = json.loads(line)
    namespace, times = request["namespace"], request["times"]
    exi = bytes.fromhex(request["exi"])
    text = codec.decode(exi, namespace)
    answer = {
        "decode": microseconds(partial(codec.decode, exi, namespace), times),
        "encode": microseconds(partial(codec.encode, text, namespace), times),
    }
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
