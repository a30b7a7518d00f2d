"""A request to stop, made by other threads and by signal handlers of the thread that waits."""

import subprocess
import sys
import threading

from ledger.adapters.stop_request import StopRequest

# A timer interrupts the main thread at every point of its wait; with threading.Event this program hangs within moments.
HAMMER = """
import signal
from ledger.adapters.stop_request import StopRequest

current = StopRequest()
signal.signal(signal.SIGALRM, lambda *_: current.set())
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.00005)
waits = made = 0
while waits < 20_000:
    current = StopRequest()
    made += current.wait(0.0001)
    waits += 1
signal.setitimer(signal.ITIMER_REAL, 0)
print(waits, made > 0)
"""


def test_stop_request_set_by_the_handler_of_the_waiting_thread_never_hangs():
    ended = subprocess.run([sys.executable, "-c", HAMMER], capture_output=True, text=True, check=True, timeout=100)
    assert ended.stdout == "20000 True\n"


def test_stop_request_wakes_every_thread_that_waits():
    request = StopRequest()
    woken: list[bool] = []
    threads = [threading.Thread(target=lambda: woken.append(request.wait(60))) for _ in range(5)]
    for thread in threads:
        thread.start()
    request.set()
    for thread in threads:
        thread.join(30)
    assert woken == [True] * 5


def test_stop_request_that_is_not_made_lets_the_wait_end():
    request = StopRequest()
    assert not request.wait(0.001)
    assert not request.wait(0)
    assert not request.wait(-1)
    assert not request.is_set()


def test_stop_request_made_before_the_wait_or_twice_ends_every_wait_at_once():
    request = StopRequest()
    request.set()
    request.set()
    assert request.is_set()
    assert [request.wait(60) for _ in range(3)] == [True] * 3
