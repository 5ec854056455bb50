"""Tasks in processes: each done once, and a process that dies is told."""

import os
import signal

import pytest

from testbed.points import pool


def squared(number: int) -> tuple[int, int, int]:
    return number, number**2, os.getpid()


def dies_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [1, 2])
def test_each_task_is_done_once(workers: int) -> None:
    done = sorted(pool.each(squared, range(20), workers))
    assert [(number, square) for number, square, _ in done] == [(n, n**2) for n in range(20)]
    assert ({os.getpid()} == {process for *_, process in done}) == (workers == 1)


def test_no_tasks_give_no_results() -> None:
    assert list(pool.each(squared, [], 2)) == []


def test_a_killed_process_ends_it_with_what_was_done_before() -> None:
    done: list[int] = []
    with pytest.raises(pool.WorkerKilled, match="a worker process was killed"):
        done.extend(pool.each(dies_at_three, range(6), 2))
    assert 3 not in done


def test_a_pool_that_is_left_early_leaves_no_process() -> None:
    results = pool.each(squared, range(200), 2)
    _, _, process = next(results)
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
